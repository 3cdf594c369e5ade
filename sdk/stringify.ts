const { stringify: toJson } = JSON

/**
 * JSON of plain data, whatever `toJSON` a library has put on the prototypes: asked last, we take what it was called for.
 *
 * Prototype.js up to 1.6 made texts of all lists that way (https://github.com/sstephenson/prototype/issues/169).
 */
export const stringify = (value: unknown): string =>
  toJson(value, function (this: Record<string, unknown>, name) {
    return this[name]
  })

/** The members of an object as JSON, `"name":value`, without those that are undefined. */
export const members = (value: object): string[] =>
  Object.entries(value).flatMap(([name, member]) => stringify({ [name]: member }).slice(1, -1) || [])
