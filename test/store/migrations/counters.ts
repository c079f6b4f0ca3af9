/** A row of counters: as many logins that came to their end, and none that failed. */
export function counters(day: string, dimension: string, clientId: string, value: string, count: number) {
  return {
    day,
    dimension,
    value,
    client_id: clientId,
    entity_id: 'unione',
    expires_at: 9e15,
    shown: count,
    chosen: count,
    returned: count,
    failed: 0,
    entered: count,
    granted: count,
    redeemed: count,
  };
}
