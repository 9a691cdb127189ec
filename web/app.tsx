// Which page is shown: claim, sign in, or what the address says.

import { useEffect } from 'preact/hooks';
import { onChange, whenReconnected } from './changes.ts';
import { mayVisit } from './may-visit.ts';
import { address, startNavigation } from './navigation.tsx';
import { AccountPage } from './pages/account.tsx';
import { AddCameraPage } from './pages/add-camera.tsx';
import { CameraPage } from './pages/camera.tsx';
import { ClaimPage } from './pages/claim.tsx';
import { DayPage } from './pages/day.tsx';
import { LivePage } from './pages/live.tsx';
import { LoginPage } from './pages/login.tsx';
import { MissingPage, NotForYouPage, UnreachablePage } from './pages/missing.tsx';
import { PeoplePage } from './pages/people.tsx';
import { RecordingPage } from './pages/recording.tsx';
import { RecordingsPage } from './pages/recordings.tsx';
import { RecoverPage } from './pages/recover.tsx';
import { RecoverySheetPage, sheetToKeep } from './pages/recovery-sheet.tsx';
import { RemotePage } from './pages/remote.tsx';
import { RestartingPage } from './pages/restarting.tsx';
import { SettingsPage } from './pages/settings.tsx';
import { StatusPage } from './pages/status.tsx';
import { SystemPage } from './pages/system.tsx';
import { Loading } from './parts/button.tsx';
import { Shell } from './parts/shell.tsx';
import { Toasts } from './parts/toast.tsx';
import { restarting } from './restarting.ts';
import { matchRoute, type Route } from './router.ts';
import { cameras, loadCameras, reloadIfUpdated, session, usePerson } from './session.ts';
import { useStore } from './store.ts';
import { TuningPage } from './tuning/tuning-page.tsx';

export function App() {
  const state = useStore(session);
  const route = matchRoute(useStore(address));
  const sheet = useStore(sheetToKeep);
  const going = useStore(restarting);
  const signedOut = state.kind === 'known' && state.view.state === 'signed-out';
  useEffect(() => {
    // Somebody else may be the next to sign in here.
    if (signedOut) sheetToKeep.set(undefined);
  }, [signedOut]);
  useEffect(() => {
    const stopNavigation = startNavigation();
    const stopCameras = onChange('cameras', (all) => cameras.set(all));
    whenReconnected(() => void Promise.all([loadCameras(), reloadIfUpdated()]).catch(() => {}));
    return () => {
      stopNavigation();
      stopCameras();
    };
  }, []);
  return (
    <>
      {going ? (
        <RestartingPage watch={going} />
      ) : state.kind === 'loading' ? (
        <Loading what="Nightjar" />
      ) : state.kind === 'unreachable' ? (
        <UnreachablePage message={state.message} />
      ) : state.view.state === 'unclaimed' ? (
        <ClaimPage view={state.view} />
      ) : sheet && state.view.state === 'signed-in' ? (
        <RecoverySheetPage boxName={state.view.boxName} sheet={sheet} />
      ) : route.page === 'recover' ? (
        <RecoverPage boxName={state.view.boxName} />
      ) : state.view.state === 'signed-out' ? (
        <LoginPage boxName={state.view.boxName} />
      ) : (
        <Shell boxName={state.view.boxName} page={route.page}>
          <Page route={route} />
        </Shell>
      )}
      <Toasts />
    </>
  );
}

function Page({ route }: { readonly route: Route }) {
  const person = usePerson();
  if (person && !mayVisit(person.role, route.page)) return <NotForYouPage role={person.role} />;
  switch (route.page) {
    case 'live':
      return <LivePage cameraId={route.cameraId} />;
    case 'recordings':
      return <RecordingsPage />;
    case 'recording':
      return <RecordingPage key={route.id} id={route.id} atMs={route.atMs} />;
    case 'day':
      return (
        <DayPage key={`${route.cameraId}/${route.day}`} cameraId={route.cameraId} day={route.day} atMs={route.atMs} />
      );
    case 'settings':
      return <SettingsPage />;
    case 'add-camera':
      return <AddCameraPage />;
    case 'camera':
      return <CameraPage key={route.id} id={route.id} />;
    case 'tune':
      return <TuningPage key={route.id} id={route.id} />;
    case 'people':
      return <PeoplePage />;
    case 'account':
      return <AccountPage />;
    case 'status':
      return <StatusPage />;
    case 'system':
      return <SystemPage />;
    case 'remote':
      return <RemotePage />;
    case 'recover':
    case 'missing':
      return <MissingPage />;
  }
}
