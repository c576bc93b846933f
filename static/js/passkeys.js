// Passkeys: asks our server for a question, the authenticator for its answer, and sends the form. Nothing works less without it.
(() => {
  "use strict";
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

  const toBytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  };
  const toText = (buffer) => {
    if (!buffer) return null;
    const plain = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };

  const question = async (form) => {
    const body = new URLSearchParams();
    const company = form.elements.namedItem("company");
    if (company) body.set("company", company.value);
    const answer = await fetch(form.dataset.options, {
      method: "POST", body, credentials: "same-origin", redirect: "error", headers: { "X-CSRFToken": token() },
    });
    if (!answer.ok) throw new Error("no question");
    const options = await answer.json();
    options.challenge = toBytes(options.challenge);
    if (options.user) options.user.id = toBytes(options.user.id);
    for (const list of ["excludeCredentials", "allowCredentials"]) {
      for (const item of options[list] ?? []) item.id = toBytes(item.id);
    }
    return options;
  };

  const written = (credential) => {
    const { response } = credential;
    const answer = { clientDataJSON: toText(response.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (response[name]) answer[name] = toText(response[name]);
    }
    return JSON.stringify({
      id: credential.id, rawId: toText(credential.rawId), type: credential.type, response: answer,
      clientExtensionResults: credential.getClientExtensionResults(),
    });
  };

  const ask = async (form) => {
    const publicKey = await question(form);
    return form.dataset.passkey === "register"
      ? navigator.credentials.create({ publicKey })
      : navigator.credentials.get({ publicKey });
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    const problem = form.querySelector("[data-problem]");
    const say = (text) => {
      problem.className = "error";
      problem.hidden = !text;
      problem.textContent = text;
    };
    form.addEventListener("submit", async (event) => {
      const field = form.elements.namedItem("credential");
      if (field.value) return;
      event.preventDefault();
      say("");
      try {
        field.value = written(await ask(form));
        form.requestSubmit();
      } catch {
        field.value = "";
        say(problem.dataset.text);
      }
    });
  }
})();
