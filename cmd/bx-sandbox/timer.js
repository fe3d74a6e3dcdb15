// The timer of the call card (portal.md 13.9).

export class CallTimer {
	constructor(now) {
		this.now = now;
		this.clear();
	}

	clear() {
		this.origin = null;
		this.running = this.shown = false;
		this.last = 0;
	}

	start() {
		this.shown = true;
		if (this.running)
			return;
		// A pause counts: the origin is the moment of the first start.
		this.origin ??= this.now();
		this.running = true;
	}

	stop() {
		this.last = this.elapsed();
		this.running = false;
	}

	// The new state acts first; what it left behind decides the rest.
	enter(rule, noTimer) {
		if (rule === "starts")
			this.start();
		else if (rule === "stops")
			this.stop();
		if (rule === "starts" ? noTimer : !this.running)
			this.clear();
	}

	elapsed() {
		return this.running ? this.now() - this.origin : this.last;
	}

	text() {
		const seconds = Math.floor(this.elapsed() / 1000);
		const two = n => String(n).padStart(2, "0");
		return `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
	}
}
