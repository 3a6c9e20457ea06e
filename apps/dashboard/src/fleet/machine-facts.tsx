import type { DeviceView } from '@latchkey/contracts';
import { Text } from '@mantine/core';
import { byteSize } from '../shell/formats.ts';
import { RelativeTime } from '../shell/relative-time.tsx';
import { Fact } from './fact.tsx';
import classes from './machine.module.css';
import { type Machine, memoryUse, percent, sensorRows, watts } from './machine-words.ts';

/** How busy and how hot a device is. */
export function MachineFacts({ telemetry }: { telemetry: DeviceView['telemetry'] }) {
  if (!telemetry) {
    return (
      <Text size="sm" className="lk-soft">
        The device has told nothing of itself yet.
      </Text>
    );
  }
  const { machine, cpuShare, eventLoopP99Ms, rssBytes, at } = telemetry;
  return (
    <>
      <dl className={classes.facts}>
        {machine && <Fact label="Memory in use">{memoryUse(machine)}</Fact>}
        <Fact label="Memory of the agent">{byteSize(rssBytes)}</Fact>
        {cpuShare !== null && <Fact label="Agent, of one core">{percent(cpuShare)}</Fact>}
        {machine?.gpuLoad != null && <Fact label="Graphics processor">{percent(machine.gpuLoad)}</Fact>}
        <Fact label="Waits, 99th percentile">{eventLoopP99Ms.toFixed(1)} ms</Fact>
        <Fact label="As of">
          <RelativeTime at={at} />
        </Fact>
      </dl>
      {machine && <Temperatures machine={machine} />}
      {machine && machine.power.length > 0 && <Power machine={machine} />}
    </>
  );
}

function Temperatures({ machine }: { machine: Machine }) {
  const rows = sensorRows(machine);
  if (rows.length === 0) {
    return (
      <Text size="sm" className="lk-soft" mt="md">
        The machine has no temperature sensors that can be read.
      </Text>
    );
  }
  return (
    <>
      <h3 className={classes.heading}>Temperatures</h3>
      <ul className={classes.sensors} aria-label="Temperatures">
        {rows.map(({ sensor, text, isHot, share }) => (
          <li key={sensor} className={classes.sensor} data-hot={isHot}>
            <span className={classes.sensorName}>{sensor}</span>
            <span className={classes.bar} aria-hidden="true">
              <span className={classes.barFill} style={{ width: `${(share * 100).toFixed(0)}%` }} />
            </span>
            <span className={classes.degrees}>
              {isHot && 'hot, '}
              {text}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Power({ machine }: { machine: Machine }) {
  return (
    <>
      <h3 className={classes.heading}>Power</h3>
      <dl className={classes.facts}>
        {machine.power.map(({ rail, milliwatts }) => (
          <Fact key={rail} label={rail}>
            {watts(milliwatts)}
          </Fact>
        ))}
      </dl>
    </>
  );
}
