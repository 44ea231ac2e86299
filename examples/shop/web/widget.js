// Hands the widget a session. It is asked for when the button is pressed, so that it is fresh, and it goes to the widget
// in the body of a form: in an address it would end up in histories and logs.
'use strict';
const form = document.getElementById('widget');
const said = document.getElementById('said');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  said.hidden = true;
  try {
    const answer = await fetch(form.dataset.session, { method: 'POST' });
    if (!answer.ok) throw new Error(await answer.text());
    form.elements.token.value = (await answer.json()).token;
    HTMLFormElement.prototype.submit.call(form); // which does not come back here
  } catch (error) {
    said.textContent = `The widget cannot be opened: ${error.message}`;
    said.hidden = false;
  }
  form.elements.token.value = '';
});
