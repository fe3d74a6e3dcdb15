// The page with which an operator grants the microphone, and sees that it hears.
const [text] = document.getElementsByTagName('p'), [meter] = document.getElementsByTagName('meter');
const [button] = document.getElementsByTagName('button');
const show = (state, words) => {
	document.body.dataset.state = state;
	text.textContent = words;
};
const reasons = {
	NotAllowedError: 'The microphone is not allowed. The browser asks again once that is undone beside its address bar.',
	NotFoundError: 'This computer has no microphone.',
	NotReadableError: 'Another program holds the microphone.',
};
// The level of a tenth of a second; silence that lasts means a device that is off.
const listen = stream => {
	const audio = new AudioContext(), analyser = audio.createAnalyser(), wave = new Float32Array(2048);
	const name = stream.getAudioTracks()[0].label;
	let heard = 0;
	analyser.fftSize = wave.length;
	audio.createMediaStreamSource(stream).connect(analyser);
	show('granted', 'The microphone is granted (' + name + '). Say something.');
	setInterval(() => {
		analyser.getFloatTimeDomainData(wave);
		meter.value = Math.max(...wave.map(Math.abs));
		if (!heard && meter.value > .02) {
			heard = 1;
			show('works', 'The microphone works (' + name + ').');
		}
	}, 100);
};
button.onclick = () => {
	if (!navigator.mediaDevices) return show('failed', 'Browsers give a microphone to pages of https alone.');
	button.disabled = true;
	navigator.mediaDevices.getUserMedia({audio: true}).then(listen).catch(e => {
		button.disabled = false;
		show('failed', reasons[e.name] || String(e));
	});
};
