const { stringify: toJson } = JSON

/** The members of an object as JSON, `"name":value`, without those that are undefined. */
export const members = (value: object): string[] =>
  Object.entries(value).flatMap(([name, member]) => (member === undefined ? [] : `${toJson(name)}:${stringify(member)}`))

/**
 * JSON of plain data, whatever `toJSON` a library has put on the prototypes.
 *
 * Prototype.js up to 1.6 made texts of all lists that way (https://github.com/sstephenson/prototype/issues/169).
 */
export const stringify = (value: unknown): string =>
  Array.isArray(value) ? `[${value.map(stringify)}]` : Object(value) === value ? `{${members(value as object)}}` : toJson(value)
