// @vitest-environment jsdom
import { expect, test } from 'vitest'
import { morph } from '../../collector/dashboard/client/morph.ts'

function body(markup: string): HTMLElement {
  return new DOMParser().parseFromString(markup, 'text/html').body
}

function setUp(markup: string): HTMLElement {
  document.body.replaceChildren(...body(markup).childNodes)
  return document.body
}

test('tells which figures changed, and touches no other element', () => {
  const page = setUp('<p><b data-figure>1</b> <b data-figure>2</b></p><ul><li>same</li></ul>')
  const [first, second] = page.querySelectorAll('b')
  const list = page.querySelector('ul')
  expect(morph(page, body('<p><b data-figure>1</b> <b data-figure>3</b></p><ul><li>same</li></ul>'))).toEqual([second])
  expect([...page.querySelectorAll('b')]).toEqual([first, second])
  expect(page.querySelector('ul')).toBe(list)
  expect(second?.textContent).toBe('3')
})

test('moves what has a key, so that a row stays the row of its campaign', () => {
  const rowOf = (key: string, text: string) => `<li data-key="${key}"><a href="#${key}">${key}</a> <b data-figure>${text}</b></li>`
  const page = setUp(`<ul>${rowOf('a', '2')}${rowOf('b', '1')}${rowOf('gone', '0')}</ul>`)
  const b = page.querySelector('[data-key=b]')
  const link = page.querySelector<HTMLElement>('[data-key=a] a')
  link?.focus()
  const changed = morph(page, body(`<ul>${rowOf('new', '9')}${rowOf('b', '3')}${rowOf('a', '2')}</ul>`))
  expect(changed.map((figure) => figure.closest('li'))).toEqual([b])
  expect([...page.querySelectorAll('li')].map((item) => item.dataset.key)).toEqual(['new', 'b', 'a'])
  expect(page.querySelector('[data-key=a] a')).toBe(link)
})

test('keeps what the page owns: focus, open details, and what is inside data-keep', () => {
  const page = setUp('<details open><summary>More</summary>x</details><div data-keep data-v="1"><canvas></canvas></div><input value="a">')
  const input = page.querySelector('input')
  if (input) input.value = 'typed'
  input?.focus()
  morph(page, body('<details><summary>More</summary>y</details><div data-keep data-v="2"></div><input value="b"><p>new</p>'))
  expect(page.querySelector('details')?.open).toBe(true)
  expect(page.querySelector('details')?.textContent).toBe('Morey')
  expect(page.querySelector('[data-keep]')?.outerHTML).toBe('<div data-keep="" data-v="2"><canvas></canvas></div>')
  expect(document.activeElement).toBe(input)
  expect(input?.value).toBe('typed')
  expect(page.lastElementChild?.textContent).toBe('new')
})

test('ends up the same as what was asked for', () => {
  const pages = ['<p>a</p>text<i>b</i>', '', '<table><tbody><tr><td>1</td></tr></tbody></table>', '<i>b</i><!--c--><p class="k">a</p>']
  for (const from of pages) {
    for (const to of pages) {
      const page = setUp(from)
      morph(page, body(to))
      expect(page.innerHTML).toBe(body(to).innerHTML)
    }
  }
})
