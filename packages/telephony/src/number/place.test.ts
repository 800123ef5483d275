import { expect, test } from 'vitest';
import { NumberPlaces } from './place.ts';

const places = new NumberPlaces();

test('a number of a city has all four', async () => {
  expect(await places.of('+12125550101')).toEqual({
    city: 'New York',
    region: 'NY',
    country: 'US',
    timezone: 'America/New_York',
  });
});

test('an area code that spans a state has no city', async () => {
  expect(await places.of('+19495550102')).toMatchObject({ city: '', region: 'CA', timezone: 'America/Los_Angeles' });
});

test.each(['sip:alice@example.com', '', '+999'])('%j has no place', async (no) => {
  expect(await places.of(no)).toEqual({ city: '', region: '', country: '', timezone: '' });
});
