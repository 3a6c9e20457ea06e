import { problemDetails } from '@latchkey/contracts';
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';
import { publicPaths } from '../auth/session.middleware.ts';
import { version } from '../runtime/version.ts';

/** The OpenAPI document of the application's routes. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle('Latchkey')
    .setDescription('People, galleries, devices and the log of a fleet of face-recognition doors.')
    .setVersion(version)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth()
    .addCookieAuth('latchkey_session', { type: 'apiKey', in: 'cookie' }, 'cookie')
    .addSecurityRequirements('bearer')
    .addSecurityRequirements('cookie')
    .build();
  const document = SwaggerModule.createDocument(app, builder, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}.${method}`,
  });
  return withCommonParts(document);
}

/** Shows documents to people and programs that are signed in: `/api/docs`, `/api/docs-json`. */
export function serveDocs(app: INestApplication): void {
  SwaggerModule.setup('api/docs', app, () => openApiDocument(app), { customSiteTitle: 'Latchkey API' });
}

/** Adds what is true of every operation: it may answer with problem details, and wants a session unless it is public. */
function withCommonParts(document: OpenAPIObject): OpenAPIObject {
  const { $schema: _, ...problem } = z.toJSONSchema(problemDetails, { target: 'openapi-3.0', io: 'output' });
  const schemas = { ...document.components?.schemas, Problem: problem };
  for (const [address, path] of Object.entries(document.paths)) {
    for (const operation of [path.get, path.post, path.patch, path.put, path.delete]) {
      if (!operation) continue;
      if (publicPaths.has(address.replace(/^\/api/, ''))) operation.security = [];
      operation.responses.default = {
        description: 'A problem (RFC 9457) with a stable `code`.',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      };
    }
  }
  return { ...document, components: { ...document.components, schemas } } as OpenAPIObject;
}
