// The wall of cameras; one of them large when the address says so.

import { useEffect, useState } from 'preact/hooks';
import { api } from '../api.ts';
import { CameraTile } from '../live/camera-tile.tsx';
import { Link, navigate } from '../navigation.tsx';
import { Button, Loading } from '../parts/button.tsx';
import { Icon, Mark } from '../parts/icons.tsx';
import { withToast } from '../parts/toast.tsx';
import { addressOf } from '../router.ts';
import { cameras, loadCameras, useIsOwner } from '../session.ts';
import { useStore } from '../store.ts';

export function LivePage({ cameraId }: { readonly cameraId: string | undefined }) {
  const all = useStore(cameras);
  const isOwner = useIsOwner();
  useEffect(() => {
    if (!cameraId) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !document.fullscreenElement) navigate(addressOf.live());
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [cameraId]);
  if (!all) return <Loading what="cameras" />;
  if (all.length === 0) return isOwner ? <NoCamera /> : <NothingToWatch />;
  const focused = all.find((c) => c.id === cameraId);
  const shown = focused ? [focused] : all;
  return (
    <>
      <div class="page-head">
        <h1 class={focused ? '' : 'visually-hidden'}>{focused ? focused.name : 'Live'}</h1>
        {focused ? (
          <Link class="button button-quiet" href={addressOf.live()}>
            <Icon name="back" size={18} /> All cameras
          </Link>
        ) : null}
      </div>
      <div class={`wall wall-${Math.min(shown.length, 9)}`}>
        {shown.map((camera) => (
          <CameraTile key={camera.id} camera={camera} focused={camera.id === focused?.id} />
        ))}
      </div>
    </>
  );
}

function NothingToWatch() {
  return (
    <section class="empty">
      <Mark size={88} />
      <h1>Nothing to watch yet</h1>
      <p>The owner of the box has not added a camera.</p>
    </section>
  );
}

function NoCamera() {
  const [busy, setBusy] = useState(false);
  const addDemo = async () => {
    setBusy(true);
    await withToast({ busy: 'Starting the demo camera…', done: 'The demo camera is running' }, async () => {
      await api.post('/cameras', { name: 'Demo yard', source: { kind: 'demo' } });
      await loadCameras();
    });
    setBusy(false);
  };
  return (
    <section class="empty">
      <Mark size={88} />
      <h1>Nothing to watch yet</h1>
      <p>
        Add a camera and Nightjar keeps an eye on it: live pictures here, recordings when something moves, and a mail
        with a picture.
      </p>
      <div class="actions">
        <Link class="button button-primary" href={addressOf.addCamera()}>
          <Icon name="plus" size={18} /> Add a camera
        </Link>
        <Button busy={busy} onClick={addDemo}>
          Try the demo camera
        </Button>
      </div>
      <p class="empty-note">The demo is a rendered yard with a visitor now and then. Delete it whenever you like.</p>
    </section>
  );
}
