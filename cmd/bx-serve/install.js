// The installer's page: tells the portal that the app is installed. C as in worker.js.
addEventListener('load', () => parent.postMessage(C.f + ':::' + C.s, C.o));
