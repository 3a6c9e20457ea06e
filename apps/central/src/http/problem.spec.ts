import { describe, expect, it } from '@jest/globals';
import { type ErrorCode, errorCodes, LatchkeyError } from '@latchkey/domain';
import { BadRequestException, NotFoundException, PayloadTooLargeException } from '@nestjs/common';
import { problemOf } from './problem.ts';

const codes = Object.keys(errorCodes) as ErrorCode[];

function failure(message: string, properties: object = {}): Error {
  return Object.assign(new Error(message), properties);
}

describe('problemOf', () => {
  it.each(codes)('makes problem details of "%s" with the sentence of its code', (code) => {
    const { body } = problemOf(new LatchkeyError(code, 'What happened.'));
    expect(body).toEqual({
      type: `urn:latchkey:problem:${code}`,
      title: errorCodes[code],
      status: expect.any(Number),
      code,
      detail: 'What happened.',
    });
    expect(body.status).toBeGreaterThanOrEqual(400);
  });

  it('keeps what an unexpected error says to the log', () => {
    const { body, unexpected } = problemOf(failure('password of the database is 1234'));
    expect([body.status, body.code, unexpected]).toEqual([500, 'internal', true]);
    expect(JSON.stringify(body)).not.toContain('1234');
  });

  it.each([
    ['Nest says not found', new NotFoundException('Cannot GET /x'), 404, 'not-found'],
    ['the validation pipe lists issues', new BadRequestException(['a: bad', 'b: bad']), 400, 'invalid-input'],
    ['body-parser reports a status', failure('unsupported charset', { status: 415 }), 415, 'invalid-input'],
    [
      'an upload is too large',
      new PayloadTooLargeException('x', { cause: failure('', { code: 'LIMIT_FILE_SIZE' }) }),
      413,
      'image-too-large',
    ],
    ['a JSON body is too large', new PayloadTooLargeException('x'), 413, 'invalid-input'],
    ['an address cannot be decoded', new URIError('URI malformed'), 400, 'invalid-input'],
    ['the disk is full', failure('ENOSPC: no space left', { code: 'ENOSPC' }), 507, 'storage-full'],
    ['Postgres refuses connections', failure('connect', { code: 'ECONNREFUSED' }), 503, 'database-unavailable'],
    ['Postgres shuts down', failure('x', { driverError: failure('', { code: '57P01' }) }), 503, 'database-unavailable'],
    ['Postgres broke off', failure('Connection terminated unexpectedly'), 503, 'database-unavailable'],
    ['a key is taken', failure('x', { driverError: failure('', { code: '23505' }) }), 409, 'conflict'],
    ['a text has a NUL', failure('x', { driverError: failure('', { code: '22021' }) }), 400, 'invalid-input'],
    ['a statement is wrong', failure('x', { driverError: failure('', { code: '42601' }) }), 500, 'internal'],
    ['an error claims to be our fault', failure('x', { status: 502 }), 500, 'internal'],
    ['something is thrown that is no error', 'text', 500, 'internal'],
  ])('knows the code when %s', (_, error, status, code) => {
    const { body } = problemOf(error);
    expect([body.status, body.code]).toEqual([status, code]);
  });

  it('joins issues into one sentence', () => {
    expect(problemOf(new BadRequestException(['a: bad', 'b: bad'])).body.detail).toBe('a: bad; b: bad');
  });

  it('shows the results of an enrolment beside the problem, as unprocessable', () => {
    const results = [{ file: 'x.jpg', accepted: false, code: 'image-too-large' }];
    const { body } = problemOf(new LatchkeyError('image-too-large', 'Too large.', { details: { results } }));
    expect(body).toMatchObject({ status: 422, code: 'image-too-large', results });
  });

  it('tells when to come again', () => {
    const details = { retryAfterS: 61 };
    expect(problemOf(new LatchkeyError('too-many-requests', 'x', { details })).retryAfterS).toBe(61);
    expect(problemOf(new LatchkeyError('database-unavailable', 'x')).retryAfterS).toBeGreaterThan(0);
    expect(problemOf(new LatchkeyError('not-found', 'x')).retryAfterS).toBeNull();
  });
});
