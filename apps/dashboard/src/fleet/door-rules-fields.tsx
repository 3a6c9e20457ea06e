import { Select, SimpleGrid, Switch, Text, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import type { DoorRulesDraft } from './door-policy-draft.ts';
import classes from './fleet.module.css';
import { NumberField } from './number-field.tsx';

interface DoorRulesFieldsProps {
  readonly rules: DoorRulesDraft;
  readonly onChange: (rules: DoorRulesDraft) => void;
  /** By path, such as `rules.lockOut.forS`. */
  readonly problems: ReadonlyMap<string, string>;
  readonly disabled: boolean;
}

const livenessModes = [
  { value: 'off', label: 'Off' },
  { value: 'report', label: 'Report only' },
  { value: 'require', label: 'Require' },
];
const passbackModes = [
  { value: 'off', label: 'Off' },
  { value: 'report', label: 'Report only' },
  { value: 'deny', label: 'Refuse' },
];
const timeZones = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

/** The rules of a door beside who somebody is; numbers show only where the rule is on. */
export function DoorRulesFields({ rules, onChange, problems, disabled }: DoorRulesFieldsProps) {
  const { timeZone, liveness, activeLiveness, antiPassback, lockOut, offlineGrace, twoPerson } = rules;
  const set = <K extends Exclude<keyof DoorRulesDraft, 'timeZone'>>(rule: K, change: Partial<DoorRulesDraft[K]>) =>
    onChange({ ...rules, [rule]: { ...rules[rule], ...change } });
  return (
    <div className={classes.rules}>
      <Rule title="Time zone" help="The clock that schedules are kept by at this door.">
        <Select
          aria-label="Time zone"
          data={timeZones.includes(timeZone) ? timeZones : [timeZone, ...timeZones]}
          value={timeZone}
          onChange={(zone) => zone !== null && onChange({ ...rules, timeZone: zone })}
          searchable
          allowDeselect={false}
          limit={100}
          nothingFoundMessage="No such time zone"
          disabled={disabled}
          error={problems.get('rules.timeZone')}
        />
      </Rule>
      <Rule
        title="Liveness"
        help="Tells a live face from a picture of one. Report only: the door opens and the event says so. Require: it stays shut, also where it could not be measured. It rejects some live people and does not stop every picture: report for a week first."
      >
        <Select
          aria-label="Liveness"
          data={livenessModes}
          value={liveness.mode}
          onChange={(mode) => set('liveness', { mode: mode === 'require' || mode === 'report' ? mode : 'off' })}
          allowDeselect={false}
          disabled={disabled}
        />
        {liveness.mode !== 'off' && (
          <NumberField
            label="Smallest score"
            description="0 to 1; 0.5 to begin with."
            step={0.05}
            min={0}
            max={1}
            clampBehavior="none"
            decimalScale={3}
            disabled={disabled}
            value={liveness.minimum}
            onChange={(minimum) => set('liveness', { minimum })}
            error={problems.get('rules.liveness.minimum')}
          />
        )}
      </Rule>
      <SwitchedRule
        title="Ask to move"
        help="Whoever would be let in is first asked to blink or to turn the head, at random, and has 5 seconds. The prompt is in the events and on the device's own page: people need a screen or a voice there that tells them."
        label="Ask everybody for a movement"
        checked={activeLiveness.required}
        onChange={(required) => set('activeLiveness', { required })}
        disabled={disabled}
      />
      <Rule
        title="Anti-passback"
        help="The same person not twice within a time, so that nobody hands a door on. It counts grants, not people who walk through."
      >
        <Select
          aria-label="Anti-passback"
          data={passbackModes}
          value={antiPassback.mode}
          onChange={(mode) => set('antiPassback', { mode: mode === 'deny' || mode === 'report' ? mode : 'off' })}
          allowDeselect={false}
          disabled={disabled}
        />
        {antiPassback.mode !== 'off' && (
          <Seconds
            label="Not again within"
            description="1 s to a day; 300 s to begin with."
            value={antiPassback.windowS}
            onChange={(windowS) => set('antiPassback', { windowS })}
            error={problems.get('rules.antiPassback.windowS')}
            disabled={disabled}
          />
        )}
      </Rule>
      <SwitchedRule
        title="Lock-out"
        help="After several failed tries as one person nobody passes as that person for a while, twice as long each time, one hour at most. Strangers who walk by count for nothing."
        label="Lock out after failed tries"
        checked={lockOut.enabled}
        onChange={(enabled) => set('lockOut', { enabled })}
        disabled={disabled}
      >
        {lockOut.enabled && (
          <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="md">
            <NumberField
              label="Failures"
              description="1 to 100."
              decimalScale={0}
              disabled={disabled}
              value={lockOut.failures}
              onChange={(failures) => set('lockOut', { failures })}
              error={problems.get('rules.lockOut.failures')}
            />
            <Seconds
              label="Within"
              description="Up to a day."
              value={lockOut.windowS}
              onChange={(windowS) => set('lockOut', { windowS })}
              error={problems.get('rules.lockOut.windowS')}
              disabled={disabled}
            />
            <Seconds
              label="At first for"
              description="Up to an hour."
              value={lockOut.forS}
              onChange={(forS) => set('lockOut', { forS })}
              error={problems.get('rules.lockOut.forS')}
              disabled={disabled}
            />
          </SimpleGrid>
        )}
      </SwitchedRule>
      <SwitchedRule
        title="Offline"
        help="A device that central does not answer knows nothing of people who were removed since. After this time it lets nobody in until central answers."
        label="Lock when offline for too long"
        checked={offlineGrace.enabled}
        onChange={(enabled) => set('offlineGrace', { enabled })}
        disabled={disabled}
      >
        {offlineGrace.enabled && (
          <NumberField
            label="After"
            description="1 h to a year; 720 h (30 days) to begin with."
            suffix=" h"
            decimalScale={0}
            disabled={disabled}
            value={offlineGrace.hours}
            onChange={(hours) => set('offlineGrace', { hours })}
            error={problems.get('rules.offlineGrace.hours')}
          />
        )}
      </SwitchedRule>
      <SwitchedRule
        title="Two persons"
        help="A second person who may enter has to be recognised within the time. People who enter only together with somebody have this time at every door."
        label="Everybody needs a second person"
        checked={twoPerson.required}
        onChange={(required) => set('twoPerson', { required })}
        disabled={disabled}
      >
        <Seconds
          label="Within"
          description="1 s to 5 minutes; 15 s to begin with."
          value={twoPerson.withinS}
          onChange={(withinS) => set('twoPerson', { withinS })}
          error={problems.get('rules.twoPerson.withinS')}
          disabled={disabled}
        />
      </SwitchedRule>
    </div>
  );
}

function Rule({ title, help, children }: { title: string; help: string; children: ReactNode }) {
  const id = useId();
  return (
    <section className={classes.rule} aria-labelledby={id}>
      <Title order={3} size="h6" id={id}>
        {title}
      </Title>
      <Text size="xs" className="lk-soft">
        {help}
      </Text>
      {children}
    </section>
  );
}

interface SwitchedRuleProps {
  readonly title: string;
  readonly help: string;
  /** Of the switch. */
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly disabled: boolean;
  readonly children?: ReactNode;
}

/** A rule that is on or off. */
function SwitchedRule({ title, help, label, checked, onChange, disabled, children }: SwitchedRuleProps) {
  return (
    <Rule title={title} help={help}>
      <Switch
        label={label}
        checked={checked}
        onChange={(event) => onChange(event.currentTarget.checked)}
        disabled={disabled}
      />
      {children}
    </Rule>
  );
}

interface SecondsProps {
  readonly label: string;
  readonly description: string;
  readonly value: number | null;
  readonly onChange: (value: number | null) => void;
  readonly error?: string;
  readonly disabled: boolean;
}

function Seconds(props: SecondsProps) {
  return <NumberField {...props} suffix=" s" step={5} decimalScale={0} />;
}
