import type { Tab } from '../engines/engine.ts'

/** A page that goes wrong in one way. Scripts are text. */
export interface HarmCase {
  name: string
  /** Runs before the script. */
  before?: string
  /** Runs when the script is there, before the event. */
  after?: string
  /** Records the event; by default a call of `click`. */
  act?: string
  /** Records it by real input instead. */
  input?: (tab: Tab) => Promise<void>
  /** The event itself leads to the next page. */
  leaves?: true
  body?: string
  headers?: (hosts: { page: string; collector: string }) => Record<string, string>
  type?: string
  /** How the script is put in; by default a plain tag. */
  tag?: (attributes: string) => string
  isInsecure?: true
  /** Nothing can be delivered, or only by luck: then once at most. */
  isHopeless?: true
}

const STUB = 'window.tallymark = window.tallymark || function () { (tallymark.q = tallymark.q || []).push(arguments) }'
const plainTag = (attributes: string) => `<script src="/tallymark.js" ${attributes}></script>`
const breaks = (what: string) => `${what} = () => { throw new Error('broken by the page') }`
const hides = (object: string, name: string, value = 'undefined') =>
  `Object.defineProperty(${object}, '${name}', { configurable: true, get: () => ${value} })`
const throwing = (object: string, name: string) =>
  `Object.defineProperty(${object}, '${name}', { configurable: true, get() { throw new Error('broken by the page') } })`

const TRANSPORT: HarmCase[] = [
  { name: 'fetch throws', before: breaks('window.fetch') },
  { name: 'fetch always rejects', before: 'window.fetch = () => Promise.reject(new TypeError("Failed to fetch"))' },
  { name: 'fetch rejects with nothing', before: 'window.fetch = () => Promise.reject()' },
  { name: 'fetch gives nothing', before: 'window.fetch = () => undefined' },
  { name: 'fetch gives an object that is no response', before: 'window.fetch = async () => ({})' },
  { name: 'fetch never answers', before: 'window.fetch = () => new Promise(() => {})' },
  { name: 'fetch is missing', before: 'delete window.fetch; window.fetch = undefined' },
  {
    name: 'fetch answers with a body that is not JSON',
    before: `const real = window.fetch; window.fetch = async (...args) => { await real(...args); return new Response('<html>', { status: 202 }) }`,
  },
  { name: 'sendBeacon throws', before: breaks('navigator.sendBeacon') },
  { name: 'sendBeacon gives garbage', before: 'navigator.sendBeacon = () => "perhaps"' },
  { name: 'sendBeacon is missing', before: 'navigator.sendBeacon = undefined' },
  { name: 'fetch and sendBeacon are missing', before: 'window.fetch = undefined; navigator.sendBeacon = undefined', isHopeless: true },
  { name: 'AbortSignal is missing', before: 'delete window.AbortSignal; delete window.AbortController' },
  { name: 'navigator.locks is missing', before: hides('Navigator.prototype', 'locks') },
  {
    name: 'navigator.locks refuses',
    before: hides('Navigator.prototype', 'locks', `({ request: () => Promise.reject(new DOMException('no', 'SecurityError')) })`),
  },
  { name: 'navigator.locks throws', before: throwing('Navigator.prototype', 'locks') },
]

const STORAGE: HarmCase[] = [
  { name: 'localStorage throws', before: throwing('window', 'localStorage') },
  { name: 'localStorage is missing', before: hides('window', 'localStorage') },
  { name: 'localStorage is null', before: hides('window', 'localStorage', 'null') },
  { name: 'localStorage cannot be read', before: breaks('Storage.prototype.getItem') },
  { name: 'localStorage cannot be written', before: breaks('Storage.prototype.setItem') },
  { name: 'localStorage cannot be removed from', before: breaks('Storage.prototype.removeItem') },
  {
    name: 'storage is full',
    before: `for (let size = 4_000_000; size >= 1; size = Math.floor(size / 2)) for (let i = 0; i < 3; i++)
      try { localStorage.setItem('full' + size + i, 'x'.repeat(size)) } catch {}`,
  },
  {
    name: 'storage holds text that is not JSON',
    before: `for (const key of ['tallymark.queue', 'tallymark.journey.shop']) localStorage.setItem(key, '{not json')`,
  },
  {
    name: 'storage holds JSON that is not ours',
    before: `localStorage.setItem('tallymark.queue', '[null, 1, "x", {}, {"event": null}, [[]]]'); localStorage.setItem('tallymark.journey.shop', '{"length": 3}')`,
  },
  { name: 'storage gives objects', before: 'Storage.prototype.getItem = () => ({ toString: null })' },
]

const CRYPTO: HarmCase[] = [
  { name: 'crypto is missing', before: hides('window', 'crypto') },
  { name: 'crypto.getRandomValues throws', before: breaks('Crypto.prototype.getRandomValues') },
  { name: 'crypto.getRandomValues gives nothing', before: 'Crypto.prototype.getRandomValues = () => undefined' },
  { name: 'crypto.randomUUID is missing', before: 'delete Crypto.prototype.randomUUID' },
  { name: 'http page, where crypto.randomUUID is missing by itself', isInsecure: true },
]

const INTRINSICS: HarmCase[] = [
  {
    name: 'intrinsics are frozen',
    before: `for (const one of [Object, Array, String, Number, Function, Promise, Map, Set, WeakMap, RegExp, Date, JSON, Math, Error, Symbol]) {
      Object.freeze(one); if (one.prototype) Object.freeze(one.prototype) }`,
  },
  { name: 'Array.prototype.toJSON exists', before: 'Array.prototype.toJSON = function () { return "array " + this.length }' },
  { name: 'Object.prototype.toJSON exists', before: 'Object.prototype.toJSON = function () { return "object" }' },
  { name: 'String.prototype.toJSON exists', before: 'String.prototype.toJSON = function () { return "text " + this }' },
  {
    name: 'Prototype.js has been here',
    before: `Array.prototype.toJSON = function () { return '[' + this.join(', ') + ']' }
      String.prototype.toJSON = function () { return '"' + this + '"' }
      Array.from = (list) => { const result = []; for (let i = 0; i < list.length; i++) result.push(list[i]); return result }
      Function.prototype.bind = function (self) { const run = this; return function () { return run.apply(self, arguments) } }`,
  },
  { name: 'Object.prototype has a field for everybody', before: 'Object.prototype.extra = "everywhere"' },
  { name: 'Array.prototype has a field for everybody', before: 'Array.prototype.extra = function () {}' },
  { name: 'IntersectionObserver is missing', before: 'delete window.IntersectionObserver' },
  { name: 'IntersectionObserver throws', before: 'window.IntersectionObserver = class { constructor() { throw new Error("no") } }' },
  { name: 'MutationObserver is missing', before: 'delete window.MutationObserver' },
  { name: 'PerformanceObserver is missing', before: 'delete window.PerformanceObserver' },
  { name: 'performance has no entries', before: 'Performance.prototype.getEntriesByType = undefined' },
  { name: 'console is missing', before: 'window.console = undefined' },
  {
    name: 'addEventListener is wrapped, as Zone.js does',
    before: `const real = EventTarget.prototype.addEventListener
      EventTarget.prototype.addEventListener = function (type, run, options) {
        return real.call(this, type, typeof run === 'function' ? function () { return run.apply(this, arguments) } : run, options) }`,
  },
]

const LOADING: HarmCase[] = [
  {
    name: "strict policy: nothing but the page's and the collector's hosts, trusted types",
    headers: ({ page, collector }) => ({
      'content-security-policy': `default-src 'none'; script-src ${page}; connect-src ${page} ${collector}; require-trusted-types-for 'script'; trusted-types 'none'`,
    }),
  },
  {
    name: 'the policy lets nothing connect',
    headers: ({ page }) => ({ 'content-security-policy': `default-src 'none'; script-src ${page}; connect-src ${page}` }),
    isHopeless: true,
  },
  {
    name: 'sandboxed, of opaque origin',
    headers: () => ({ 'content-security-policy': 'sandbox allow-scripts' }),
    isHopeless: true, // the site does not list the origin `null`
  },
  { name: 'script twice', tag: (attributes) => plainTag(attributes).repeat(2) },
  {
    name: 'script twice, the second late',
    tag: plainTag,
    after: `const again = document.querySelector('script[data-site]').cloneNode(); document.head.append(again)`,
  },
  {
    name: 'script async, calls made before it is there',
    before: STUB,
    tag: (attributes) => `<script async src="/tallymark.js" ${attributes}></script>`,
  },
  {
    name: 'script put in after the page has loaded',
    before: `${STUB}; addEventListener('load', () => { const late = document.createElement('script'); late.src = '/tallymark.js'
      for (const { name, value } of document.querySelector('template').content.firstChild.attributes) late.setAttribute(name, value)
      document.head.append(late) })`,
    tag: (attributes) => `<template><i ${attributes}></i></template>`,
  },
  {
    name: 'script as a module',
    before: STUB,
    tag: (attributes) => `<script type="module" src="/tallymark.js" ${attributes}></script>`,
  },
  {
    name: 'XHTML',
    type: 'application/xhtml+xml',
    tag: (attributes) => plainTag(attributes),
  },
  {
    name: 'an image is called currentScript',
    body: '',
    tag: (attributes) => `<img name="currentScript" alt=""/>${plainTag(attributes)}`,
  },
  {
    name: 'a form is called tallymark, with fields q and site',
    tag: (attributes) => `<form id="tallymark"><input name="q"/></form>${plainTag(attributes)}`,
  },
]

const HOSTILE: HarmCase[] = [
  {
    name: 'fetch, sendBeacon and storage are broken after load',
    after: `${breaks('window.fetch')}; ${breaks('Storage.prototype.getItem')}; ${breaks('Storage.prototype.setItem')}`,
  },
  {
    name: 'JSON, clock, chance and timers are broken after load',
    after: ['JSON.stringify', 'JSON.parse', 'Date.now', 'Math.random', 'window.setTimeout', 'window.clearTimeout'].map(breaks).join('; '),
    isHopeless: true,
  },
  {
    name: "elements' own methods are broken after load",
    after: ['matches', 'closest', 'getAttribute', 'querySelectorAll'].map((name) => breaks(`Element.prototype.${name}`)).join('; '),
    input: (tab) => tab.click('#ad'),
    isHopeless: true,
  },
  { name: 'the history is broken after load', after: `${breaks('history.pushState')}; ${breaks('history.replaceState')}` },
  {
    name: 'the global is taken away after load',
    after: 'delete window.tallymark; window.tallymark = undefined',
    act: '',
    input: (tab) => tab.click('#ad'),
  },
  {
    name: 'the global is taken before',
    before: `Object.defineProperty(window, 'tallymark', { value: 'taken' })`,
    act: '',
    isHopeless: true,
  },
  {
    name: 'observers are broken after load',
    after:
      'window.IntersectionObserver = undefined; window.MutationObserver = undefined; document.body.append(document.createElement("i"))',
  },
  {
    name: 'the document is emptied after load',
    after: `document.documentElement.replaceChildren(); tallymark('click', { campaign: 'spring', placement: 'case' })`,
    act: '',
  },
]

const CALLS: HarmCase[] = [
  {
    name: 'calls that are no calls',
    after: `tallymark(); tallymark(null); tallymark('nonsense'); tallymark('__proto__'); tallymark('constructor'); tallymark('toString'); tallymark({}, [])`,
  },
  {
    name: 'arguments that throw when they are read',
    after: `const trap = new Proxy({}, { get() { throw new Error('trap') }, ownKeys() { throw new Error('trap') }, has() { throw new Error('trap') } })
      for (const method of ['click', 'purchase', 'signup', 'impression', 'tag', 'consent', 'on', 'flush', 'variant']) tallymark(method, trap)`,
    isHopeless: true, // a promise of flush may wait
  },
  {
    name: 'values that no wire can carry',
    after: `const ring = {}; ring.ring = ring
      tallymark('purchase', { orderId: Symbol('order'), value: 1n }); tallymark('tag', null); tallymark('purchase', { orderId: ring, items: 'none' })
      tallymark('consent', 'perhaps'); tallymark('purchase')`,
  },
  {
    name: 'a form whose fields are called as its methods',
    body: `<form data-tm-signup="" data-tm-campaign="spring" action="/elsewhere"><input name="action"/><input name="matches"/><input name="getAttribute"/>
      <input name="attributes"/><input name="parentElement"/><input name="submit"/><input name="closest"/><button id="send">Send</button></form>`,
    act: '',
    // Not by real input: the drivers use the form's own methods, too.
    input: async (tab) => void (await tab.evaluate(`void document.querySelector('#send').click()`)),
    leaves: true,
  },
  {
    name: 'a huge document',
    body: `${'<div><p data-tm-impression="ad">An ad</p></div>'.repeat(500)}${'<div><i>x</i></div>'.repeat(20_000)}`,
    isHopeless: true, // its impressions come, too
  },
]

/** What must not break a page, and must not be broken by one. */
export const CASES: HarmCase[] = [...TRANSPORT, ...STORAGE, ...CRYPTO, ...INTRINSICS, ...LOADING, ...HOSTILE, ...CALLS]
