import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { demoCameraFolder } from './demo-camera.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'latchkey-camera-'));
  mkdirSync(join(root, 'package'));
  for (const name of ['sample1.jpg', 'sample2.jpg', 'screenshot.png', 'index.js']) {
    writeFileSync(join(root, 'package', name), name);
  }
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

it('plays the photographs of the package, and what a user adds', () => {
  const folder = demoCameraFolder(root, join(root, 'package'));
  writeFileSync(join(folder, 'me.jpg'), 'me');
  expect(demoCameraFolder(root, join(root, 'package'))).toBe(folder);
  expect(readdirSync(folder)).toEqual(['me.jpg', 'sample1.jpg', 'sample2.jpg']);
});

it('finds the package again when the checkout was moved', () => {
  demoCameraFolder(root, join(root, 'package'));
  renameSync(join(root, 'package'), join(root, 'moved'));
  const folder = demoCameraFolder(root, join(root, 'moved'));
  expect(readFileSync(join(folder, 'sample1.jpg'), 'utf8')).toBe('sample1.jpg');
});
