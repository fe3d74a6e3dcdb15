// A passing word to the signed-in user. It never blocks, so that no test hangs on it.

const shown = 6000;

export function notice(text) {
	const note = document.createElement("p");
	note.textContent = text;
	document.getElementById("notices").append(note);
	setTimeout(() => note.remove(), shown);
}
