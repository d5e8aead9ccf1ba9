/** `element('li', { className: 'row' }, 'text', otherElement)` */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** Text that did not change is left alone: nothing flickers, and no selection is lost. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Leaves the button in the tab order while its work is going on, and ignores it meanwhile. */
export function whileBusy(button, work) {
  return event => {
    event.preventDefault();
    if (button.ariaDisabled === 'true') return;
    button.ariaDisabled = 'true';
    void work().finally(() => (button.ariaDisabled = null));
  };
}
