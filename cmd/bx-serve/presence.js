// Behind worker.js, with --presence: whose page is open. It is told after the load, every five
// minutes, and when the page is left. All tabs of a browser remember the user for an hour, for this
// alone: a card's user is asked for as ever.
const kept_as = 'bx' + C.i;
let mine;
const tell = () => mine && !over && post(S({t: C.t, here: mine}))
	.then(r => r.status == 401 && renew(), () => 0);
me.p = () => {
	if (!user) return;
	mine = user;
	try { localStorage.setItem(kept_as, S([user, Date.now()])); } catch {}
	tell();
};
on('load', () => setTimeout(() => {
	if (!first()) return;
	try {
		const [id, ms] = P(localStorage.getItem(kept_as));
		if (Math.abs(Date.now() - ms) < 36e5) {
			mine = id;
			return tell();
		}
	} catch {}
	settle();
}));
setInterval(tell, 3e5 * (.9 + .2 * Math.random()));
on('online', tell);
on('pageshow', e => e.persisted && tell());
on('pagehide', () => mine && beacon({here: mine, bye: 1}));
