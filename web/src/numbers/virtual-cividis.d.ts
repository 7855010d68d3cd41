/** Made by plugins/colourMap.ts. */
declare module 'virtual:cividis' {
  const shades: string;
  export default shades;
}
