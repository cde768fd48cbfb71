// The one script of every page: wakes the components of both kits. Pages work without it.
import * as govuk from "../vendor/govuk-frontend/govuk-frontend.min.js";
import * as moj from "../vendor/moj-frontend/moj-frontend.min.js";

// Each component is woken by itself, so one that cannot start never stops the others.
govuk.initAll({ onError: (error) => console.warn(error) });
moj.initAll({ onError: (error) => console.warn(error) });
