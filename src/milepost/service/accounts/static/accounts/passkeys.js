// Asks the browser for a passkey and sends its answer with the form that holds the question.
// Without it, or in a browser without passkeys, the page offers codes.
const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
const known = (list) => (list ?? []).map((one) => ({ ...one, id: toBytes(one.id) }));

async function make(options) {
  options.challenge = toBytes(options.challenge);
  options.user.id = toBytes(options.user.id);
  options.excludeCredentials = known(options.excludeCredentials);
  const made = await navigator.credentials.create({ publicKey: options });
  return whole(made, {
    clientDataJSON: toText(made.response.clientDataJSON),
    attestationObject: toText(made.response.attestationObject),
  });
}

async function use(options) {
  options.challenge = toBytes(options.challenge);
  options.allowCredentials = known(options.allowCredentials);
  const used = await navigator.credentials.get({ publicKey: options });
  return whole(used, {
    clientDataJSON: toText(used.response.clientDataJSON),
    authenticatorData: toText(used.response.authenticatorData),
    signature: toText(used.response.signature),
  });
}

const whole = (credential, response) => ({
  id: credential.id,
  rawId: toText(credential.rawId),
  type: credential.type,
  response,
});

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  const problem = form.querySelector("[data-passkey-problem]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    try {
      const options = JSON.parse(form.dataset.passkeyOptions);
      const answer = form.dataset.passkey === "make" ? await make(options) : await use(options);
      form.elements.passkey.value = JSON.stringify(answer);
      form.submit();
    } catch (error) {
      console.info(error); // somebody cancelled, or took too long: they may try again
      problem.hidden = false;
    }
  });
}
