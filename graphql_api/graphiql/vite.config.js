import { defineConfig } from 'vite';

export default defineConfig({
  // The page itself is served at /graphql, so its files need an address that does not depend on it.
  base: '/graphiql/',
  build: {
    target: 'es2022',
    // An inlined file becomes a data: URL, which the page's Content-Security-Policy refuses.
    assetsInlineLimit: 0,
    // The bundle carries copies of these packages, and their licences ask that the notices come along.
    license: { fileName: 'licenses.md' },
    // The code editor is one large piece. Splitting it would save nothing: the page needs all of it at once.
    chunkSizeWarningLimit: 4096,
    rolldownOptions: {
      // GraphiQL tells screen readers what an icon shows by the name of the function that draws it.
      output: { keepNames: true },
      checks: {
        // Dozens of packages say "use client" to frameworks that render on a server, which nothing here does.
        moduleLevelDirective: false,
      },
    },
  },
});
