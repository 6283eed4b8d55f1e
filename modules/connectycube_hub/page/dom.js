// Elements: made, and changed only where they are not yet as they should be.

/**
 * Make an element. props: its properties; `class`, `data`, `aria` and `role` as
 * attributes, `on` the handlers of its events.
 */
export function el(name, props = {}, ...children) {
	const one = document.createElement(name);
	const { class: classes, data = {}, aria = {}, on = {}, role, ...rest } = props;

	if (classes) one.className = classes;
	if (role) one.setAttribute('role', role);
	for (const [key, value] of Object.entries(data)) one.dataset[key] = value;
	for (const [key, value] of Object.entries(aria))
		one.setAttribute(`aria-${key}`, value);
	for (const [key, handler] of Object.entries(on))
		one.addEventListener(key, handler);
	Object.assign(one, rest);
	one.append(...children.filter((child) => child !== null
		&& child !== undefined));
	return one;
}

export const byId = (id) => document.getElementById(id);

export function setText(one, text) {
	if (one.firstChild?.nodeType === Node.TEXT_NODE) {
		if (one.firstChild.data !== text) one.firstChild.data = text;
	} else if (text) {
		one.textContent = text;
	}
}

export function setData(one, key, value) {
	if (value === null || value === undefined || value === '') {
		if (key in one.dataset) delete one.dataset[key];
	} else if (one.dataset[key] !== String(value)) {
		one.dataset[key] = value;
	}
}

export function setHidden(one, hidden) {
	if (one.hidden !== hidden) one.hidden = hidden;
}

export function setAttr(one, name, value) {
	if (one.getAttribute(name) !== value) one.setAttribute(name, value);
}

/** Children in that order, moved only where they are not. */
export function arrange(parent, children) {
	const wanted = new Set(children);

	for (const child of [...parent.children])
		if (!wanted.has(child)) child.remove();
	let at = parent.firstElementChild;

	for (const child of children) {
		if (child === at) at = at.nextElementSibling;
		else parent.insertBefore(child, at);
	}
}
