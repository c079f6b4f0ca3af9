export { markup as html, Markup as Html } from '../operations/markup.ts';
