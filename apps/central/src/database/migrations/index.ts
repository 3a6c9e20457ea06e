import type { MigrationInterface } from 'typeorm';
import { People1764000000001 } from './1764000000001-people.ts';

/** Every migration, oldest first. A migration that was released never changes; what it lacks comes in a new one. */
export const migrations: readonly (new () => MigrationInterface)[] = [People1764000000001];
