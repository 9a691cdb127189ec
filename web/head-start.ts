// What is begun before anything is drawn, because the first live picture waits for it: who is signed in, which cameras
// there are, and the live socket, all at once. The socket asks for the cameras that this browser saw last time; only
// whoever was signed in here before is taken to be so again.

import { liveSocket } from './live/live-socket.ts';
import { matchRoute } from './router.ts';
import { lastSeenCameras, loadSession } from './session.ts';

const seen = lastSeenCameras();
const route = matchRoute(location.pathname + location.search);
if (route.page === 'live' && !document.hidden) {
  const wanted = seen.filter((id) => route.cameraId === undefined || id === route.cameraId);
  if (wanted.length > 0) liveSocket().openEarly(wanted);
}
void loadSession(seen.length > 0);
