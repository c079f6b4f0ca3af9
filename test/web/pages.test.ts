import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../src/identity/language.ts';
import { messages } from '../../src/web/messages/index.ts';
import type { ProblemReason } from '../../src/web/messages/problem-text.ts';
import { choosePage } from '../../src/web/pages/choose.ts';
import { departPage } from '../../src/web/pages/depart.ts';
import { problemPage } from '../../src/web/pages/problem.ts';
import { loadAssets } from '../../src/web/static/assets.ts';
import { CHOICE, everyPage, frame, NONCE, PROBLEM } from './samples.ts';

const assets = loadAssets();
const italian = frame('it', assets);

const pages = LANGUAGES.flatMap((language) =>
  [...everyPage(language, assets)].map(([name, page]) => ({ name, language, page })),
);

/** Pages that press their only button by themselves. */
const SCRIPTED = ['departure', 'sending-leaving', 'sending-another-person', 'sending-answer'];

const all = (page: string, pattern: RegExp): string[] =>
  [...page.matchAll(pattern)].map(([, found]) => found ?? '');

describe.each(pages)('the page "$name" in $language', ({ name, language, page }) => {
  it('is a document that names its language, fits a phone, and has a title', () => {
    expect(page).toMatch(/^<!doctype html>\n<html lang="(it|en)">/);
    expect(page).toContain(`<html lang="${language}">`);
    expect(page).toContain('content="width=device-width, initial-scale=1"');
    expect(page).toMatch(/<title>[^<]{5,}<\/title>/);
  });

  it('holds no style and no script of its own, but for those that leave', () => {
    expect(page).not.toMatch(/\sstyle=|<style|\son[a-z]+=|javascript:/i);
    expect(all(page, /<script([^>]*)>/g)).toEqual(SCRIPTED.includes(name) ? [` nonce="${NONCE}"`] : []);
  });

  it('has one heading of the first level, and skips none below', () => {
    const levels = all(page, /<h([1-6])\b/g).map(Number);
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    expect(levels.filter((level, at) => level > (levels[at - 1] ?? 0) + 1)).toEqual([]);
  });

  it('loads nothing from elsewhere', () => {
    const loaded = [...all(page, /\ssrc="([^"]*)"/g), ...all(page, /<link[^>]*\shref="([^"]*)"/g)];
    expect(loaded.length).toBeGreaterThan(0);
    expect(
      loaded.filter(
        (address) => !/^(\/assets\/[0-9a-f]{12}\/|\/spid\/logos\/|data:image\/png;)/.test(address),
      ),
    ).toEqual([]);
  });

  it('gives every form a button, and sends nothing by GET', () => {
    for (const form of all(page, /<form\b([\s\S]*?)<\/form>/g)) {
      // The lists of the console are looked through by address: nothing of a citizen is in it.
      const ofList = /action="\/admin\/[^"]*" class="console-search"/.test(form);
      expect(form).toContain(ofList ? 'method="get"' : 'method="post"');
      expect(form).toContain('type="submit"');
    }
  });
});

describe('the choice page', () => {
  it('says on what legal basis each piece of data is asked for', () => {
    const text = (language: 'it' | 'en') => choosePage(frame(language, assets), CHOICE);
    expect(text('it')).toContain(
      'Base giuridica: compito di interesse pubblico (d.P.R. 7 settembre 2010, n. 160, art. 4)',
    );
    expect(text('en')).toContain('Legal basis: your consent');
  });

  it('offers every provider given, in the order given, each by one button of one form', () => {
    const page = choosePage(italian, CHOICE);
    expect(all(page, /name="provider"\s+value="([^"]*)"/g)).toEqual(CHOICE.offers.map(({ id }) => id));
    expect(all(page, /action="([^"]*)"/g)).toEqual([CHOICE.action, CHOICE.backAction]);
  });

  it('says what the service will receive and why', () => {
    const page = choosePage(italian, CHOICE);
    for (const { name, purpose } of CHOICE.attributes) {
      expect(page).toContain(messages('it').attributes[name]);
      expect(page).toContain(purpose);
    }
  });

  it('says that the service will not know who one is when it asks for nothing', () => {
    const page = choosePage(italian, { ...CHOICE, attributes: [] });
    expect(page).toContain(messages('it').choose.releasedNone);
    expect(page).not.toContain(messages('it').choose.released);
  });

  it("shows SPID's roundel and its logo, as AgID's rules want, from our own address", () => {
    const pictures = all(choosePage(italian, { ...CHOICE, offers: [] }), /<img\s+src="([^"]*)"/g);
    expect(pictures).toEqual([assets.url('spid-ico-circle-bb.svg'), assets.url('spid-logo.svg')]);
  });

  it('ends with the three links of the official button', () => {
    expect(all(choosePage(italian, CHOICE), /href="(https:\/\/www\.spid\.gov\.it[^"]*)"/g)).toEqual([
      'https://www.spid.gov.it',
      'https://www.spid.gov.it/richiedi-spid',
      'https://www.spid.gov.it/serve-aiuto',
    ]);
  });
});

describe('the departure page', () => {
  it('has the SAML form first, with the fields exactly as given', () => {
    const fields = { SAMLRequest: 'PHNhbWxwOi8+', RelayState: '"><script>alert(1)</script>' };
    const page = departPage(italian, {
      provider: 'Gestore',
      action: 'https://idp.example.it/sso?a=1&b=2',
      fields,
      nonce: NONCE,
    });
    const [form = ''] = all(page, /(<form\b[\s\S]*?<\/form>)/g);
    expect(form).toContain('action="https://idp.example.it/sso?a=1&amp;b=2"');
    expect(all(form, /<input type="hidden" name="([^"]*)"/g)).toEqual(['SAMLRequest', 'RelayState']);
    expect(page.split('<script')).toHaveLength(2);
  });
});

describe('the problem page', () => {
  const reasons = Object.keys(messages('it').problem.texts) as ProblemReason[];

  it.each(reasons)('explains "%s", says what to do and gives the support code', (reason) => {
    for (const language of LANGUAGES) {
      const page = problemPage(frame(language, assets), { ...PROBLEM, reason });
      const text = messages(language).problem.texts[reason];
      expect(page).toContain(String(escaped(text.happened(PROBLEM.variables))));
      expect(page).toContain(String(escaped(text.next(PROBLEM.variables))));
      expect(page).toMatch(/<strong translate="no">K7MP-4TRX<\/strong>/);
    }
  });

  it.each(reasons)('still makes a sentence of "%s" when the service is not known', (reason) => {
    const page = problemPage(italian, { ...PROBLEM, reason, variables: { service: '', level: 2 } });
    expect(page.replace(/<[^>]*>/g, '')).not.toMatch(/\S {2,}\S|(per|in|quali) [,.:]/i);
  });

  it('shows no technical code: the button carries it to the service, nobody reads it', () => {
    const read = problemPage(italian, PROBLEM).replace(/<[^>]*>/g, '');
    expect(read).not.toMatch(/spid_nr|access_denied|nr20/);
  });

  it('announces itself: an alert whose heading takes the focus', () => {
    expect(problemPage(italian, PROBLEM)).toMatch(
      /<div role="alert">\s*<h1 class="h2" tabindex="-1" autofocus>/,
    );
  });

  it('is there in the other language too where it cannot be asked for again, and only there', () => {
    const page = problemPage({ ...italian, alternateUrl: undefined }, PROBLEM);
    const [, translation = ''] = page.split('<details lang="en">');
    const text = messages('en').problem;
    for (const said of [
      text.texts['level-not-held'].title,
      text.retry,
      text.otherIdentity,
      text.backToService,
    ])
      expect(translation).toContain(String(escaped(said)));
    expect(page).toContain(`href="#${/ id="(\w+)"/.exec(translation)?.[1]}" lang="en"`);
    expect(problemPage(italian, PROBLEM)).not.toContain('<details');
  });

  it('offers only the ways on that it was given', () => {
    const page = problemPage(italian, {
      ...PROBLEM,
      actions: { home: { url: 'https://suap.example.it/', service: true } },
    });
    expect(page).not.toContain('<form');
    expect(page).toContain('href="https://suap.example.it/"');
  });
});

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/'/g, '&#39;');
}
