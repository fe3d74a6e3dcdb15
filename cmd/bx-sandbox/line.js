// This page's line to the sandbox: pushes come down a WebSocket, questions go up by POST.

const again = 1000;

// on: push -> function (message). Returns tell(what), which reports the page's own state.
export function connect(query, on) {
	const address = new URL(`/sandbox/page?${new URLSearchParams(query)}`, location.href);
	address.protocol = address.protocol.replace("http", "ws");
	const told = new Map();
	let socket;

	const send = (what, value) => socket.send(JSON.stringify({ [what]: value }));

	function open() {
		socket = new WebSocket(address);
		socket.onopen = () => {
			for (const [what, value] of told)
				send(what, value);
		};
		socket.onmessage = event => {
			const message = JSON.parse(event.data);
			on[message.push]?.(message);
		};
		socket.onclose = () => {
			on.lost();
			setTimeout(open, again);
		};
	}

	open();
	return (what, value) => {
		told.set(what, value);
		if (socket.readyState === WebSocket.OPEN)
			send(what, value);
	};
}

export async function ask(verb, question) {
	const response = await fetch(`/sandbox/page/${verb}`, {
		method: "POST",
		headers: { "Content-Type": "application/json" },
		body: JSON.stringify(question),
	});
	const answer = await response.json();
	if (!response.ok)
		throw new Error(answer.error_description ?? response.statusText);
	return answer;
}
