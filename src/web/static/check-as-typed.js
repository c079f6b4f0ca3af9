// Says beside a field what is wrong with it as soon as it is left, in the server's own words: the form is sent to where it
// goes anyway, which writes nothing yet. Without this script the same is said when the form is sent.
const form = document.querySelector('form[data-check]');
let asking = new AbortController();

form?.addEventListener('change', async ({ target }) => {
  if (!target.name || !target.closest('.console-field') || target.closest('fieldset')) return;
  asking.abort();
  asking = new AbortController();
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.action, { method: 'POST', body, signal: asking.signal });
    if (answer.redirected || (!answer.ok && answer.status !== 422)) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    say(target, page.getElementById(`${target.name}-wrong`));
  } catch {
    // Asked anew meanwhile, or there is no way to the server: it will say so when the form is sent.
  }
});

/** @param wrong what the server's page says beside it, if it says anything */
function say(control, wrong) {
  const id = `${control.name}-wrong`;
  document.getElementById(id)?.remove();
  const described = (control.getAttribute('aria-describedby') ?? '')
    .split(' ')
    .filter((one) => one && one !== id);
  if (wrong) {
    wrong.setAttribute('role', 'alert');
    control.after(wrong);
    control.setAttribute('aria-invalid', 'true');
    described.push(id);
  } else control.removeAttribute('aria-invalid');
  control.setAttribute('aria-describedby', described.join(' '));
}

// A file on this computer becomes the text of a field.
for (const field of document.querySelectorAll('textarea[data-upload]')) {
  const label = document.createElement('label');
  label.textContent = field.dataset.upload;
  const file = document.createElement('input');
  file.type = 'file';
  file.accept = field.dataset.accept;
  file.className = 'form-control';
  label.append(file);
  field.after(label);
  file.addEventListener('change', async () => {
    field.value = (await file.files[0]?.text()) ?? field.value;
    field.dispatchEvent(new Event('change', { bubbles: true }));
  });
}
