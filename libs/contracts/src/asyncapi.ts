import { stringify } from 'yaml';
import { z } from 'zod';
import { commandNames } from './commands.ts';
import { eventBodies } from './events.ts';
import { slug } from './identifiers.ts';
import { signedMessage } from './signed-message.ts';
import { type TopicName, type TopicSpec, topics } from './topics.ts';

type Json = Record<string, unknown>;

const names = Object.keys(topics) as TopicName[];

const placeholderDescriptions: Readonly<Record<string, string>> = {
  site: 'Id of a site.',
  device: 'Id of a device.',
  group: 'Id of a group of persons.',
  kind: 'What the event tells.',
  command: 'What the device is told to do.',
};

/** The AsyncAPI 3.0 document of {@link topics}, as the application central sees it, in YAML. Made, never edited. */
export function asyncApiYaml(): string {
  return stringify(asyncApiDocument(), { lineWidth: 120, aliasDuplicateObjects: false });
}

/** The same document as an object. */
export function asyncApiDocument(): Json {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Latchkey: devices and central',
      version: '1',
      description:
        'MQTT 3.1.1 topics between the edge agents and central. Payloads are JSON. What central publishes is signed with Ed25519: authenticate the text of `payload` together with topic, audience and key id before parsing it.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: {
      embedded: {
        host: '127.0.0.1:1883',
        protocol: 'mqtt',
        protocolVersion: '3.1.1',
        description: 'The broker inside central that `npm start` runs. The first free port from 1883 upward.',
        security: [{ $ref: '#/components/securitySchemes/password' }],
      },
    },
    channels: Object.fromEntries(names.map((name) => [name, channel(name, topics[name])])),
    operations: Object.fromEntries(names.map((name) => [name, operation(name, topics[name])])),
    components: {
      securitySchemes: { password: { type: 'userPassword' } },
      messages: Object.fromEntries(names.map((name) => [name, message(name, topics[name])])),
      schemas: Object.fromEntries(Object.entries(eventBodies).map(([kind, body]) => [`${kind}Body`, schemaOf(body)])),
    },
  };
}

function channel(name: TopicName, { pattern, summary }: TopicSpec): Json {
  const placeholders = [...pattern.matchAll(/\{(\w+)\}/g)].map(([, placeholder = '']) => placeholder);
  return {
    address: pattern,
    description: summary,
    parameters: Object.fromEntries(placeholders.map((placeholder) => [placeholder, parameter(placeholder)])),
    messages: { message: { $ref: `#/components/messages/${name}` } },
  };
}

function parameter(name: string): Json {
  const description = placeholderDescriptions[name] ?? '';
  if (name === 'kind') return { description, enum: Object.keys(eventBodies) };
  if (name === 'command') return { description, enum: [...commandNames] };
  return { description: `${description} Matches ${schemaOf(slug).pattern}.` };
}

function operation(name: TopicName, { from, qos, retain, summary }: TopicSpec): Json {
  return {
    action: from === 'device' ? 'receive' : 'send',
    channel: { $ref: `#/channels/${name}` },
    summary,
    bindings: { mqtt: { qos, retain, bindingVersion: '0.2.0' } },
  };
}

function message(name: TopicName, { payload, signedBy, summary }: TopicSpec): Json {
  const inner = schemaOf(payload);
  if (name === 'event') {
    const bodies = Object.keys(eventBodies).map((kind) => ({ $ref: `#/components/schemas/${kind}Body` }));
    inner.properties = { ...(inner.properties as Json), body: { description: 'By `kind`.', anyOf: bodies } };
  }
  return {
    name,
    summary,
    contentType: 'application/json',
    payload: signedBy === null ? inner : signed(inner, signedBy),
  };
}

/** The envelope of a signed message, with what its text holds (JSON Schema 2020-12, `contentSchema`). */
function signed(inner: Json, purpose: string): Json {
  const envelope = schemaOf(signedMessage);
  const text = {
    type: 'string',
    description: `The text that is signed, with a key of purpose \`${purpose}\`.`,
    contentMediaType: 'application/json',
    contentSchema: inner,
  };
  return { ...envelope, properties: { ...(envelope.properties as Json), payload: text } };
}

function schemaOf(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' });
  return rest;
}
