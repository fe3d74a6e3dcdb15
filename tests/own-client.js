// A client of one's own for the tests of --client-js: what it is sent says what it does.
const page = 1, tell = 2, user = 3, C = 4;
bx.on('leader', is => bx.emit('leader', {is, user: bx.user}));
bx.on('message', message => {
	if (message.throw) throw new Error(message.throw);
	if (message.emit) bx.emit(message.emit, message.data);
	if (message.call) return bx.call(...message.call);
	if (message.log) console[message.log](message.text, message.more);
	if (message.eval === 'reject') Promise.reject(new Error('nobody caught this'));
	if (message.eval === 'throw') setTimeout(() => { undefinedThing(); });
	return message.answer;
});
bx.on('muteButtonClick', on => bx.emit('heard.mute', on));
bx.on('leave', () => bx.emit('left', null));
// A script may hold what would end an element: </script>
bx.emit('ready', '</script>');
