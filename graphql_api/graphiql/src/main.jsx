// First, since the editor asks for its workers as soon as it is loaded.
import 'graphiql/setup-workers/vite';

// The style sheets one by one: the collected one repeats the editor's own and embeds its fonts as data: URLs.
import '@fontsource/roboto/latin-400.css';
import '@fontsource/roboto/latin-500.css';
import '@fontsource/fira-code/latin-400.css';
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import '@graphiql/plugin-explorer/style.css';
import 'graphiql/graphiql.css';
import './page.css';

import { createRoot } from 'react-dom/client';

import { Page } from './Page.jsx';

createRoot(document.getElementById('page')).render(<Page />);
