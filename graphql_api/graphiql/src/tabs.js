// The order of the tabs. Each name is an operation in examples/, with its variables beside it.
const ORDER = [
  'create_team',
  'narrow_models',
  'where_values_come_from',
  'page_through_teams',
  'team_sessions',
  'open_session',
  'usage_and_quotas',
];

const files = import.meta.glob('./examples/*.{graphql,json}', { query: '?raw', import: 'default', eager: true });

export const exampleTabs = ORDER.map((name) => ({
  query: files[`./examples/${name}.graphql`],
  variables: files[`./examples/${name}.json`].trimEnd(),
}));

/**
 * The text to open with: that of the tab that was active last, or of the first example.
 *
 * GraphiQL fills its editors from these and not from the active tab, so that without them a reload shows an empty
 * editor and the first tab loses its variables.
 */
export function openingTab(storage) {
  const { query, variables } = storedActiveTab(storage) ?? exampleTabs[0];
  return { query: query ?? '', variables: variables ?? '' };
}

function storedActiveTab(storage) {
  try {
    const { tabs, activeTabIndex } = JSON.parse(storage.getItem('graphiql:tabState'));
    return tabs[activeTabIndex];
  } catch {
    // Nothing stored, or nothing of use; GraphiQL too starts with the examples then.
    return undefined;
  }
}
