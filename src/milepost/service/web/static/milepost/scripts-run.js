// Runs before the page is drawn: tells the style sheets that scripts run, as both kits ask.
document.body.className += " js-enabled" + ("noModule" in HTMLScriptElement.prototype ? " govuk-frontend-supported" : "");
