// A telephone for the hidden frame (bx-serve --client-js): small, but its media are real. It is told
// what to do by bx-card send, and answers there; what happens by itself are events client::*.
let call = null;

const count = (reports, type, key) => {
	for (const report of reports.values())
		if (report.type === type && report.kind === 'audio') return report[key] || 0;
	return 0;
};
// Packets each way, and how loud the microphone has been in all.
const stats = async () => {
	const reports = await call.pc.getStats();
	return {
		sent: count(reports, 'outbound-rtp', 'packetsSent'),
		received: count(reports, 'inbound-rtp', 'packetsReceived'),
		energy: count(reports, 'media-source', 'totalAudioEnergy'),
		state: call.pc.connectionState,
	};
};
const later = ms => new Promise(done => setTimeout(done, ms));
// Whole descriptions, with all candidates: there is no trickle to carry.
const described = async description => {
	const {pc} = call;
	await pc.setLocalDescription(description);
	while (pc.iceGatheringState !== 'complete') await later(20);
	return pc.localDescription.sdp;
};
const end = reason => {
	if (!call) return;
	const {pc, stream} = call;
	call = null;
	stream.getTracks().forEach(track => track.stop());
	pc.close();
	bx.emit('ended', {reason});
};

const orders = {
	// The customer's offer, once the operator has answered.
	async offer(sdp) {
		end('another call');
		const stream = await navigator.mediaDevices.getUserMedia({audio: true});
		const pc = new RTCPeerConnection(), sound = new Audio();
		call = {pc, stream};
		pc.ontrack = e => {
			sound.srcObject = e.streams[0];
			sound.play();
		};
		pc.onconnectionstatechange = () => pc.connectionState === 'connected' && bx.emit('connected');
		await pc.setRemoteDescription({type: 'offer', sdp});
		stream.getTracks().forEach(track => pc.addTrack(track, stream));
		bx.emit('answer', {sdp: await described(await pc.createAnswer())});
	},
	async answer(sdp) {
		await call.pc.setRemoteDescription({type: 'answer', sdp});
	},
	async mute(on) {
		call.stream.getTracks().forEach(track => { track.enabled = !on; });
	},
	// Nothing flows either way; the customer has to agree, so this is an offer of ours.
	async hold(on) {
		call.pc.getTransceivers().forEach(it => { it.direction = on ? 'inactive' : 'sendrecv'; });
		bx.emit('offer', {sdp: await described(await call.pc.createOffer())});
	},
	async hangup() {
		end('hangup');
	},
	// Answers once so many packets more have gone each way.
	async flow(packets) {
		const from = await stats();
		for (;;) {
			const now = await stats();
			if (now.sent >= from.sent + packets && now.received >= from.received + packets) return now;
			await later(50);
		}
	},
	// Answers with the packets of so many milliseconds.
	async watch(ms) {
		const from = await stats();
		await later(ms);
		const now = await stats();
		return {sent: now.sent - from.sent, received: now.received - from.received, energy: now.energy - from.energy};
	},
};
bx.on('message', message => {
	const [[order, value]] = Object.entries(message);
	if (!orders[order]) throw new Error('no such order: ' + order);
	if (order !== 'offer' && !call) throw new Error('there is no call');
	return orders[order](value);
});
bx.on('leave', () => end('page left'));
bx.on('leader', is => bx.emit('leader', is));
