import { type Static, type TObject, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';

/** A variable that is wrong or missing. The message is one line for the operator and names the variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** One environment variable: schema (with default and description) of its parsed value. */
export type ConfigSchema = TObject<Record<string, TSchema>>;

/**
 * Reads configuration from environment variables once: text is converted to the type of the schema, defaults are filled
 * in, an empty variable counts as not set. Throws ConfigError naming the first variable at fault. The result is frozen.
 */
export function readConfig<S extends ConfigSchema>(
  schema: S,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Static<S>> {
  const given: Record<string, unknown> = {};
  for (const name of Object.keys(schema.properties)) {
    const value = env[name];
    if (value !== undefined && value !== '') given[name] = value;
  }
  const config: unknown = Value.Default(schema, Value.Convert(schema, given));
  const [error] = Value.Errors(schema, config);
  if (error) {
    const missing = missingName(error);
    const name = missing ?? error.instancePath.slice(1);
    const about = schema.properties[name] as { description?: string } | undefined;
    throw new ConfigError(
      `${name} ${missing ? 'must be set' : error.message}: ${about?.description ?? 'see docs/operations.md'}`,
    );
  }
  return Object.freeze(config as Static<S>);
}

function missingName(error: { params?: unknown }): string | undefined {
  const params = error.params as { requiredProperties?: string[] } | undefined;
  return params?.requiredProperties?.[0];
}

/** A port; without a fallback for one that may be left out. */
export const Port = (fallback: number | undefined, description: string) =>
  Type.Integer({ minimum: 0, maximum: 65_535, ...(fallback !== undefined && { default: fallback }), description });
