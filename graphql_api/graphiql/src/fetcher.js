import { parse } from 'graphql';

const VIEWER = 'query Viewer { viewer { kind name } }';

// A header holds visible ASCII only. The browser would refuse anything else with an error that explains nothing.
const SENDABLE = /^[\x21-\x7e]*$/;

/**
 * The function by which GraphiQL talks to the API. It tells `report(key, news)` what each answer reveals about the key.
 */
export function createFetcher(key, report) {
  const sendable = SENDABLE.test(key);

  return async function fetcher(request, { headers: typed } = {}) {
    const headers = new Headers();
    if (key && sendable) {
      headers.set('Authorization', `Bearer ${key}`);
    }
    // What the operator types into the header editor wins over what the page adds.
    for (const [name, value] of Object.entries(typed ?? {})) {
      headers.set(name, value);
    }
    const usesKey = headers.get('Authorization') === `Bearer ${key}`;
    const isIntrospection = request.operationName === 'IntrospectionQuery';

    if (key && !sendable && !headers.has('Authorization')) {
      report(key, { status: 'refused', viewer: null });
      return refusal('The key holds characters that no key has.');
    }
    if (isIntrospection && !headers.has('Authorization')) {
      // The page asks for the schema by itself; the server has told nobody anything without a key, so spare it.
      return refusal('Enter an API key to load the schema.');
    }

    let answer;
    try {
      answer = await post(withoutForeignName(request), headers);
    } catch (error) {
      if (usesKey) {
        report(key, { status: 'unreachable', viewer: null });
      }
      throw error;
    }
    if (usesKey) {
      report(key, verdict(answer, isIntrospection));
      if (isIntrospection && answer.body.data) {
        introduce(key, headers, report);
      }
    }
    // GraphiQL repeats an introspection whose answer has no data at all, to no purpose here.
    return isIntrospection ? { data: null, ...answer.body } : answer.body;
  };
}

/**
 * For a moment after a change of tabs, GraphiQL names the operation of the tab before. Whoever is quick with the button
 * means the one that they see.
 */
function withoutForeignName({ operationName, ...request }) {
  return operationName && !operationNames(request.query).includes(operationName)
    ? request
    : { ...request, operationName };
}

function operationNames(query) {
  try {
    return parse(query).definitions.map(({ name }) => name?.value);
  } catch {
    // For the server to refuse, with the place that is at fault.
    return [];
  }
}

async function post(request, headers) {
  const response = await fetch(window.location.pathname, {
    method: 'POST',
    headers: [
      ['Accept', 'application/graphql-response+json, application/json'],
      ['Content-Type', 'application/json'],
      ...headers,
    ],
    body: JSON.stringify(request),
  });
  const text = await response.text();
  try {
    return { status: response.status, body: JSON.parse(text) };
  } catch {
    throw new Error(`The server answered with status ${response.status} and something other than JSON.`);
  }
}

function verdict({ status, body }, isIntrospection) {
  if (status === 401) {
    return { status: 'refused', viewer: null };
  }
  if (isIntrospection && !body.data) {
    return { status: 'failed', viewer: null };
  }
  return { status: 'connected' };
}

/** Finds out whose key it is, so that nobody changes a team with another key than they think. */
async function introduce(key, headers, report) {
  try {
    const { body } = await post({ query: VIEWER, operationName: 'Viewer' }, headers);
    report(key, { viewer: body.data?.viewer ?? null });
  } catch {
    // The name is a courtesy; the schema has arrived without it.
  }
}

const refusal = (message) => ({ errors: [{ message }] });
