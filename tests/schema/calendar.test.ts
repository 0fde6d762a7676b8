/** time_index, market_calendar and the functions over them, checked against the exchange's published calendars. */
import { assert, databaseSuite, fails } from '../support/suite.js';
import { transaction } from '../../src/client/transaction.js';
import { all, column, one, only } from './support.js';

const test = databaseSuite('calendar');

// time_index -----------------------------------------------------------------------------------------------------------

test('the grid runs daily from 2009-01-03 to 2035-12-31', async (db) => {
  assert.equal(await one(db, 'select min(date_only) as first, max(date_only) as last, count(*) as days from time_index'), {
    first: '2009-01-03',
    last: '2035-12-31',
    days: '9859',
  });
});

test('a day of the grid is midnight UTC', async (db) => {
  assert.is(await only(db, `select count(*) from time_index where timestamp <> (date_only || ' 00:00:00+00')::timestamptz`), '0');
});

test('day_of_week counts from Monday, and the weekend is Saturday and Sunday', async (db) => {
  assert.equal(
    await all(db, `select date_only, day_of_week, is_weekend from time_index where date_only between '2024-06-03' and '2024-06-09' order by 1`),
    ['2024-06-03', '2024-06-04', '2024-06-05', '2024-06-06', '2024-06-07', '2024-06-08', '2024-06-09'].map((date_only, n) => ({
      date_only,
      day_of_week: n,
      is_weekend: n >= 5,
    })),
  );
});

test('is_trading_day of the grid is that of the US market', async (db) => {
  assert.is(await only(db, `select count(*) from time_index where is_trading_day <> is_trading_day('US', date_only)`), '0');
});

test('notes of the grid name holidays and early closes', async (db) => {
  assert.equal(
    await column(db, `select notes from time_index where date_only in ('2024-07-03', '2024-07-04', '2024-07-05') order by date_only`),
    ['Day before Independence Day', 'Independence Day', null],
  );
});

for (const [title, statement] of [
  ['a moment that is not midnight UTC', `insert into time_index values ('2050-01-01 01:00+00', '2050-01-01', 5, true, false)`],
  ['another day of the week', `insert into time_index values ('2050-01-01 00:00+00', '2050-01-01', 4, false, false)`],
  ['a Saturday that is no weekend', `insert into time_index values ('2050-01-01 00:00+00', '2050-01-01', 5, false, false)`],
] as const) {
  test(`the grid refuses ${title}`, async (db) => {
    await fails('23514', () => db.query(statement));
  });
}

test('extend_time_index grows the grid and the calendar, once', async (db) => {
  await transaction(db, {}, async (tx) => {
    assert.is(await only(tx, `select extend_time_index('2036-07-01')`), 183);
    assert.is(await only(tx, `select extend_time_index('2036-07-01')`), 0);
    assert.is(await only(tx, `select extend_time_index('2020-01-01')`), 0);
    assert.is(await only(tx, `select extend_time_index('2036-12-31')`), 183);
    assert.is(await only(tx, 'select count(*) from time_index'), '10225');
    assert.equal(
      await column(tx, `select date from market_calendar where date >= '2036-01-01' and is_holiday order by date`),
      ['2036-01-01', '2036-01-21', '2036-02-18', '2036-04-11', '2036-05-26', '2036-06-19', '2036-07-04', '2036-09-01', '2036-11-27', '2036-12-25'],
    );
    assert.is(await only(tx, `select count(*) from time_index where is_trading_day <> is_trading_day('US', date_only)`), '0');
    await tx.query('rollback; begin');
  });
  assert.is(await only(db, 'select max(date_only) from time_index'), '2035-12-31');
});

// market_calendar ------------------------------------------------------------------------------------------------------

/** Full-day closings as the NYSE published them. */
const holidays: Record<number, string[]> = {
  2009: ['01-01', '01-19', '02-16', '04-10', '05-25', '07-03', '09-07', '11-26', '12-25'],
  2010: ['01-01', '01-18', '02-15', '04-02', '05-31', '07-05', '09-06', '11-25', '12-24'],
  // New Year's Day 2011 was a Saturday and not observed.
  2011: ['01-17', '02-21', '04-22', '05-30', '07-04', '09-05', '11-24', '12-26'],
  2012: ['01-02', '01-16', '02-20', '04-06', '05-28', '07-04', '09-03', '10-29', '10-30', '11-22', '12-25'],
  2013: ['01-01', '01-21', '02-18', '03-29', '05-27', '07-04', '09-02', '11-28', '12-25'],
  2014: ['01-01', '01-20', '02-17', '04-18', '05-26', '07-04', '09-01', '11-27', '12-25'],
  2015: ['01-01', '01-19', '02-16', '04-03', '05-25', '07-03', '09-07', '11-26', '12-25'],
  2016: ['01-01', '01-18', '02-15', '03-25', '05-30', '07-04', '09-05', '11-24', '12-26'],
  2017: ['01-02', '01-16', '02-20', '04-14', '05-29', '07-04', '09-04', '11-23', '12-25'],
  2018: ['01-01', '01-15', '02-19', '03-30', '05-28', '07-04', '09-03', '11-22', '12-05', '12-25'],
  2019: ['01-01', '01-21', '02-18', '04-19', '05-27', '07-04', '09-02', '11-28', '12-25'],
  2020: ['01-01', '01-20', '02-17', '04-10', '05-25', '07-03', '09-07', '11-26', '12-25'],
  // Juneteenth became a federal holiday in June 2021; the exchange first closed for it in 2022.
  2021: ['01-01', '01-18', '02-15', '04-02', '05-31', '07-05', '09-06', '11-25', '12-24'],
  2022: ['01-17', '02-21', '04-15', '05-30', '06-20', '07-04', '09-05', '11-24', '12-26'],
  2023: ['01-02', '01-16', '02-20', '04-07', '05-29', '06-19', '07-04', '09-04', '11-23', '12-25'],
  2024: ['01-01', '01-15', '02-19', '03-29', '05-27', '06-19', '07-04', '09-02', '11-28', '12-25'],
  2025: ['01-01', '01-09', '01-20', '02-17', '04-18', '05-26', '06-19', '07-04', '09-01', '11-27', '12-25'],
  2026: ['01-01', '01-19', '02-16', '04-03', '05-25', '06-19', '07-03', '09-07', '11-26', '12-25'],
  2027: ['01-01', '01-18', '02-15', '03-26', '05-31', '06-18', '07-05', '09-06', '11-25', '12-24'],
};

const earlyCloses: Record<number, string[]> = {
  2009: ['11-27', '12-24'],
  2010: ['11-26'],
  2011: ['11-25'],
  2012: ['07-03', '11-23', '12-24'],
  2013: ['07-03', '11-29', '12-24'],
  2014: ['07-03', '11-28', '12-24'],
  2015: ['11-27', '12-24'],
  2016: ['11-25'],
  2017: ['07-03', '11-24'],
  2018: ['07-03', '11-23', '12-24'],
  2019: ['07-03', '11-29', '12-24'],
  2020: ['11-27', '12-24'],
  2021: ['11-26'],
  2022: ['11-25'],
  2023: ['07-03', '11-24'],
  2024: ['07-03', '11-29', '12-24'],
  2025: ['07-03', '11-28', '12-24'],
  2026: ['11-27', '12-24'],
  2027: ['11-26'],
};

const days = `select to_char(date, 'MM-DD') from market_calendar where market = 'US' and extract(year from date) = $1`;

for (const [year, dates] of Object.entries(holidays)) {
  test(`the exchange was closed on the published days of ${year}`, async (db) => {
    assert.equal(await column(db, `${days} and is_holiday order by date`, [year]), dates);
  });
}

for (const [year, dates] of Object.entries(earlyCloses)) {
  test(`the exchange closed early on the published days of ${year}`, async (db) => {
    assert.equal(await column(db, `${days} and is_early_close order by date`, [year]), dates);
  });
}

test('every year from 2009 to 2035 has its holidays', async (db) => {
  // 9 holidays, 10 since Juneteenth; one fewer when New Year's Day is a Saturday; and the one-off closings.
  const expected = Array.from({ length: 27 }, (_, n) => {
    const year = 2009 + n;
    const saturday = new Date(Date.UTC(year, 0, 1)).getUTCDay() === 6;
    const oneOff = { 2012: 2, 2018: 1, 2025: 1 }[year] ?? 0;
    return { year, holidays: (year < 2022 ? 9 : 10) - (saturday ? 1 : 0) + oneOff };
  });
  assert.equal(
    await all(db, `select extract(year from date)::int as year, count(*)::int as holidays from market_calendar where is_holiday group by 1 order by 1`),
    expected,
  );
});

test('New Year\'s Day on a Saturday is not observed on Friday', async (db) => {
  assert.equal(
    await column(db, `select is_trading_day('US', d) from unnest('{2010-12-31, 2021-12-31, 2027-12-31, 2032-12-31}'::date[]) as d`),
    [true, true, true, true],
  );
});

test('holidays of a Saturday move to Friday, of a Sunday to Monday', async (db) => {
  assert.equal(
    await all(db, `select date, holiday_name from market_calendar where date in ('2026-07-03', '2021-07-05', '2021-12-24', '2022-06-20', '2023-01-02') order by date`),
    [
      { date: '2021-07-05', holiday_name: 'Independence Day' },
      { date: '2021-12-24', holiday_name: 'Christmas Day' },
      { date: '2022-06-20', holiday_name: 'Juneteenth' },
      { date: '2023-01-02', holiday_name: 'New Year\'s Day' },
      { date: '2026-07-03', holiday_name: 'Independence Day' },
    ],
  );
});

test('Good Friday is two days before Easter, from March 21 to April 23', async (db) => {
  assert.equal(
    await column(db, `select date from market_calendar where holiday_name = 'Good Friday' and extract(year from date) in (2009, 2011, 2014, 2024, 2030, 2035) order by date`),
    ['2009-04-10', '2011-04-22', '2014-04-18', '2024-03-29', '2030-04-19', '2035-03-23'],
  );
});

test('the exchange opens at 9:30 and closes at 13:00 on early closes; on holidays it has no hours', async (db) => {
  assert.equal(
    await all(db, 'select distinct is_holiday, is_early_close, open_time, close_time from market_calendar order by is_holiday'),
    [
      { is_holiday: false, is_early_close: true, open_time: '09:30:00', close_time: '13:00:00' },
      { is_holiday: true, is_early_close: false, open_time: null, close_time: null },
    ],
  );
});

test('no entry falls on a weekend', async (db) => {
  assert.is(await only(db, 'select count(*) from market_calendar where extract(isodow from date) > 5'), '0');
});

test('a market has one entry a day; another market has its own', async (db) => {
  await fails('23505', () => db.query(`insert into market_calendar (date, market) values ('2024-12-25', 'US')`));
  await db.query(`insert into market_calendar (date, market, holiday_name) values ('2024-12-25', 'FOREX', 'Christmas Day')`);
});

test('a market does not close before it opens, and not early on a holiday', async (db) => {
  await fails('23514', () =>
    db.query(`insert into market_calendar (date, market, is_holiday, open_time, close_time) values ('2050-01-03', 'US', false, '13:00', '09:30')`));
  await fails('23514', () => db.query(`insert into market_calendar (date, market, is_holiday, is_early_close) values ('2050-01-03', 'US', true, true)`));
  await fails('23514', () => db.query(`insert into market_calendar (date, market, close_time) values ('2050-01-03', 'US', '13:00')`));
  await fails('22P02', () => db.query(`insert into market_calendar (date, market) values ('2050-01-03', 'MARS')`));
});

// Helpers --------------------------------------------------------------------------------------------------------------

for (const [market, weekday, saturday, holiday, earlyClose] of [
  ['US', true, false, false, true],
  ['CRYPTO', true, true, true, true],
  ['FOREX', true, false, true, true],
  ['COMMODITIES', true, false, true, true],
] as const) {
  test(`${market} trades on ${saturday ? 'every day' : 'weekdays'}${holiday ? '' : ' that are no holidays'}`, async (db) => {
    assert.equal(
      await column(db, `select is_trading_day($1, d) from unnest('{2024-07-01, 2024-07-06, 2024-07-04, 2024-07-03}'::date[]) with ordinality as u (d, n) order by n`, [market]),
      [weekday, saturday, holiday, earlyClose],
    );
  });
}

test('a holiday of one market is none of the others', async (db) => {
  await db.query(`insert into market_calendar (date, market, holiday_name) values ('2024-05-06', 'COMMODITIES', 'Early May Bank Holiday')`);
  assert.equal(
    await column(db, `select is_trading_day(m, '2024-05-06') from unnest(enum_range(null::market_enum)) as m order by m`),
    [true, true, true, false],
  );
});

test('normalize_to_daily_utc does not depend on the time zone of the session', async (db) => {
  for (const zone of ['UTC', 'America/New_York', 'Asia/Tokyo', 'Pacific/Kiritimati', 'Europe/Berlin']) {
    await transaction(db, {}, async (tx) => {
      await tx.query(`select set_config('timezone', $1, true)`, [zone]);
      const moments = await column(
        tx,
        `select normalize_to_daily_utc(m) from unnest('{"2024-03-10 00:00:00+00", "2024-03-10 23:59:59.999+00", "2024-03-31 01:30:00+00", "2024-07-01 02:00:00+09"}'::timestamptz[]) with ordinality as u (m, n) order by n`,
      );
      assert.equal(
        moments.map((moment: Date) => moment.toISOString()),
        ['2024-03-10T00:00:00.000Z', '2024-03-10T00:00:00.000Z', '2024-03-31T00:00:00.000Z', '2024-06-30T00:00:00.000Z'],
        zone,
      );
    });
  }
});

test('normalize_to_daily_utc of null is null', async (db) => {
  assert.is(await only(db, 'select normalize_to_daily_utc(null)'), null);
});

test.run();
