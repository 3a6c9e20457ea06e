import type { DeviceView } from '@latchkey/contracts';
import { Text } from '@mantine/core';
import { Fact } from './fact.tsx';
import classes from './machine.module.css';
import type { DeviceCamera } from './machine-words.ts';
import { CameraStateLabel } from './state-labels.tsx';

/** The cameras of a device, with what they did in the last ten seconds. */
export function CameraList({ telemetry }: { telemetry: DeviceView['telemetry'] }) {
  if (!telemetry || telemetry.cameras.length === 0) {
    return (
      <Text size="sm" className="lk-soft">
        The device has told nothing of its cameras yet.
      </Text>
    );
  }
  return (
    <ul className={classes.cameras} aria-label="Cameras">
      {telemetry.cameras.map((camera) => (
        <CameraItem key={camera.id} camera={camera} />
      ))}
    </ul>
  );
}

function CameraItem({ camera }: { camera: DeviceCamera }) {
  const { id, source, framesPerSecond, droppedFrames, stillFrames, restarts, lastProblem } = camera;
  return (
    <li className={classes.camera}>
      <div className={classes.cameraHead}>
        <span className={classes.cameraName}>{id}</span>
        <CameraStateLabel camera={camera} />
      </div>
      {source && <code className={classes.source}>{source}</code>}
      <dl className={classes.facts}>
        <Fact label="Frames per second">{framesPerSecond.toFixed(1)}</Fact>
        <Fact label="Dropped in 10 s">{droppedFrames}</Fact>
        <Fact label="Nothing new in 10 s">{stillFrames}</Fact>
        <Fact label="Started again">{restarts}</Fact>
      </dl>
      {lastProblem && (
        <p className={classes.problem}>
          <span className="lk-soft">Last problem:</span> {lastProblem}
        </p>
      )}
    </li>
  );
}
