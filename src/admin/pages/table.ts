import { html, type Html } from '../../web/html.ts';

interface Column {
  readonly label: string;
  /** Figures stand to the right. */
  readonly figure?: boolean;
}

interface Row {
  /** What the row is about: its first cell. */
  readonly head: Html | string;
  readonly cells: readonly (Html | string | number | undefined)[];
}

/**
 * A table that becomes a list on a narrow screen. Its roles are said in full: a browser forgets those of a table whose
 * cells are laid out otherwise.
 */
export function table(data: {
  readonly caption: string;
  readonly head: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}): Html {
  const { caption, head, columns, rows } = data;
  return html`<table class="console-table" role="table">
    <caption class="visually-hidden">${caption}</caption>
    <thead role="rowgroup">
      <tr role="row">
        <th scope="col" role="columnheader">${head}</th>
        ${columns.map(
          ({ label, figure }) =>
            html`<th scope="col" role="columnheader" ${figure ? html`class="console-figure"` : undefined}>${label}</th>`,
        )}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map(
        (row) =>
          html`<tr role="row">
            <th scope="row" role="rowheader">${row.head}</th>
            ${row.cells.map(
              (cell, at) =>
                html`<td role="cell" data-label="${columns[at]?.label}" ${columns[at]?.figure ? html`class="console-figure"` : undefined}>
                  ${cell}
                </td>`,
            )}
          </tr>`,
      )}
    </tbody>
  </table>`;
}
