/** `element('li', { className: 'row' }, 'text', otherElement)` */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** Sets a text if it has changed, so that nothing flickers and no selection is lost. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Ignores clicks while the work is running, and keeps the button in the tab order. */
export function whileBusy(button, work) {
  return event => {
    event.preventDefault();
    if (button.ariaDisabled === 'true') return;
    button.ariaDisabled = 'true';
    void work().finally(() => (button.ariaDisabled = null));
  };
}
