import { z } from 'zod';

/**
 * zod compiles its object schemas with `new Function` where it may; a strict content security policy forbids that and the browser reports
 * each attempt. Imported before anything that makes a schema.
 */
z.config({ jitless: true });
