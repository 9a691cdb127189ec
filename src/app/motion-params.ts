// The motion settings of a camera as the detector takes them: without their schedule, which is asked separately.

import type { CameraSettings } from '../config/camera.ts';
import type { MotionParams } from '../motion/params.ts';

export function paramsOf({ motion }: Pick<CameraSettings, 'motion'>): MotionParams {
  const { schedule: _, ...params } = motion;
  return params;
}
