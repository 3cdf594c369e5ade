import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import nodeResolve from '@rollup/plugin-node-resolve'
import terser from '@rollup/plugin-terser'
import typescript from '@rollup/plugin-typescript'
import { minify as minifyByOxc } from 'rolldown/experimental'

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))

/** The build gathers everything beside dist/ and puts it in its place at once. */
const OUT = process.env.TALLYMARK_BUILD_TO ?? 'dist'

/** Types are checked by `npm run types`; here they are only taken off. */
const strip = (folder) =>
  typescript({
    tsconfig: `${folder}/tsconfig.json`,
    filterRoot: false, // the collector takes sdk/wire.ts, which lies outside of its folder
    compilerOptions: { noEmit: false, noCheck: true, module: 'ESNext', moduleResolution: 'Bundler', rewriteRelativeImportExtensions: true },
  })

const isExternal = (id) =>
  id.startsWith('node:') ||
  builtinModules.includes(id) ||
  Object.keys(dependencies).some((name) => id === name || id.startsWith(`${name}/`))

/** Names of the script's own that are neither on the wire, nor on the device, nor a page's to call. */
const OWN_NAMES = /^(admit|answered|dispatch|environment|erase|goOn|guard|hold|isExposure|keep|pageTags|recall|record|setConsent|visits)$/

const minify = (properties = false) => {
  const byTerser = terser({
    ecma: 2021,
    module: true,
    // Browsers take 1 for true wherever the SDK gives them a constant.
    compress: { passes: 8, unsafe_arrows: true, booleans_as_integers: properties !== false },
    mangle: { properties },
  })
  const byOxc = {
    name: 'oxc',
    renderChunk: (code, { fileName }) => minifyByOxc(fileName, code, { compress: { target: 'es2021' }, mangle: true, sourcemap: true }),
  }
  // The one finds what the other leaves: two percent.
  return [byTerser, byOxc]
}

export default [
  {
    input: 'sdk/tag.ts',
    // The collector names the map in a header: the comment would be the longest word of the script.
    output: { file: `${OUT}/tallymark.js`, format: 'iife', sourcemap: 'hidden' },
    plugins: [strip('sdk'), minify({ regex: OWN_NAMES })],
  },
  ...['vitals', 'shims'].map((name) => ({
    input: `sdk/${name}-tag.ts`,
    output: { file: `${OUT}/${name}.js`, format: 'iife', sourcemap: 'hidden' },
    plugins: [nodeResolve(), strip('sdk'), minify()],
  })),
  {
    // Apart from the other modules, whose chunks would call what they share by names of their own.
    input: 'sdk/index.ts',
    output: { file: `${OUT}/sdk/index.js`, format: 'es', sourcemap: true },
    plugins: [strip('sdk'), minify({ regex: OWN_NAMES })],
  },
  {
    // web-vitals comes along, so that a page gets the version that was tested.
    input: { server: 'sdk/server.ts', shims: 'sdk/shims.ts', vitals: 'sdk/vitals.ts' },
    output: { dir: `${OUT}/sdk`, format: 'es', sourcemap: true, chunkFileNames: '[name].js' },
    plugins: [nodeResolve(), strip('sdk')],
  },
  {
    input: { main: 'collector/main.ts', index: 'collector/index.ts' },
    output: { dir: `${OUT}/collector`, format: 'es', sourcemap: true, chunkFileNames: '[name].js' },
    external: isExternal,
    plugins: [strip('collector')],
  },
  {
    input: { client: 'collector/dashboard/client/client.ts' },
    output: { dir: `${OUT}/dashboard`, format: 'iife', sourcemap: false },
    plugins: [nodeResolve(), strip('collector/dashboard/client'), minify()],
  },
]
