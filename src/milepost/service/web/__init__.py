"""How a page looks: layout, components, forms, formats, languages; and headers, logs and health."""
