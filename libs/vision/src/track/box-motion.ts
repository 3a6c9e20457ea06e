import type { Box } from '@latchkey/domain';

/** Deviation of a detector's box from frame to frame as a share of the face's side (DeepSORT, arXiv:1703.07402: 1/20). */
const measurementShare = 1 / 20;
/** Sides of a face per second²: a head is 0.2 m wide, and people who start, stop or turn change by about 2 m/s². */
const accelerationSides = 10;
/** No speed is believed in for longer: whoever was not seen for this long has stopped or turned. */
const longestForecastMs = 400;

/** Where a face's box moves: a Kalman filter of constant velocity for each of its centre's coordinates and its sides. */
export class BoxMotion {
  private readonly coordinates: readonly [Coordinate, Coordinate, Coordinate, Coordinate];
  private atMs: number;

  constructor(box: Box, atMs: number) {
    const side = sideOf(box);
    const [x, y, width, height] = measuresOf(box);
    this.coordinates = [
      new Coordinate(x, side),
      new Coordinate(y, side),
      new Coordinate(width, side),
      new Coordinate(height, side),
    ];
    this.atMs = atMs;
  }

  /** Where the box is expected; changes nothing. @param atMs no earlier than the last measurement. */
  forecast(atMs: number): Box {
    const seconds = Math.min(Math.max(0, atMs - this.atMs), longestForecastMs) / 1000;
    const [x, y, width, height] = this.coordinates.map((coordinate) => coordinate.forecast(seconds)) as Measures;
    const [w, h] = [Math.max(1, width), Math.max(1, height)];
    return { x: x - w / 2, y: y - h / 2, width: w, height: h };
  }

  /** The box was measured. */
  measure(box: Box, atMs: number): void {
    const seconds = Math.max(0, atMs - this.atMs) / 1000;
    const side = sideOf(box);
    const measures = measuresOf(box);
    for (const [i, coordinate] of this.coordinates.entries()) coordinate.measure(measures[i] as number, seconds, side);
    this.atMs = Math.max(this.atMs, atMs);
  }
}

type Measures = [number, number, number, number];

function measuresOf({ x, y, width, height }: Box): Measures {
  return [x + width / 2, y + height / 2, width, height];
}

function sideOf({ width, height }: Box): number {
  return Math.max(1, width, height);
}

/** One number that changes with a speed; pixels and seconds. */
class Coordinate {
  private place: number;
  private speed = 0;
  /** Covariance of place and speed. */
  private placeVariance: number;
  private covariance = 0;
  private speedVariance: number;

  constructor(place: number, side: number) {
    this.place = place;
    this.placeVariance = (measurementShare * side) ** 2;
    // At first nothing is known of the speed: five sides a second is a brisk walk.
    this.speedVariance = (5 * side) ** 2;
  }

  forecast(seconds: number): number {
    return this.place + this.speed * seconds;
  }

  measure(value: number, seconds: number, side: number): void {
    const noise = (accelerationSides * side) ** 2;
    this.place = this.forecast(seconds);
    this.placeVariance +=
      2 * this.covariance * seconds + this.speedVariance * seconds ** 2 + (noise * seconds ** 4) / 4;
    this.covariance += this.speedVariance * seconds + (noise * seconds ** 3) / 2;
    this.speedVariance += noise * seconds ** 2;
    const total = this.placeVariance + (measurementShare * side) ** 2;
    const [placeGain, speedGain] = [this.placeVariance / total, this.covariance / total];
    const surprise = value - this.place;
    this.place += placeGain * surprise;
    this.speed += speedGain * surprise;
    this.speedVariance -= speedGain * this.covariance;
    this.covariance *= 1 - placeGain;
    this.placeVariance *= 1 - placeGain;
  }
}
