import { explorerPlugin } from '@graphiql/plugin-explorer';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { useMemo } from 'react';

import { KeyBar } from './KeyBar.jsx';
import { StaleFailure } from './StaleFailure.jsx';
import { SystemTheme } from './SystemTheme.jsx';
import { createFetcher } from './fetcher.js';
import { editorStorage } from './storage.js';
import { exampleTabs, openingTab } from './tabs.js';
import { useConnection } from './useConnection.js';

// Made once: GraphiQL takes a new list of plugins for a change and starts them over.
const plugins = [HISTORY_PLUGIN, explorerPlugin({ showAttribution: false })];
const opening = openingTab(editorStorage);

export function Page() {
  const { key, status, viewer, changeKey, report } = useConnection();
  // GraphiQL fetches the schema again whenever it is given another fetcher, which is what a new key calls for.
  const fetcher = useMemo(() => createFetcher(key, report), [key, report]);

  return (
    <>
      <KeyBar currentKey={key} status={status} viewer={viewer} onChange={changeKey} />
      <GraphiQL
        fetcher={fetcher}
        plugins={plugins}
        storage={editorStorage}
        defaultTabs={exampleTabs}
        initialQuery={opening.query}
        initialVariables={opening.variables}
        defaultEditorToolsVisibility="variables"
        shouldPersistHeaders={false}
        inputValueDeprecation
        schemaDescription
      >
        <StaleFailure />
        <SystemTheme />
      </GraphiQL>
    </>
  );
}
