import { type RecognitionView, recognitionView } from '@latchkey/contracts';
import { Body, Controller, HttpCode, HttpStatus, Inject, Post, UploadedFile, UseInterceptors } from '@nestjs/common';
import { FileInterceptor } from '@nestjs/platform-express';
import { ApiBody, ApiConsumes, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Roles } from '../auth/signed-in.ts';
import { uploadedPicture } from '../http/uploads.ts';
import { recognizeBody, type VerifyRequest, verifyBody, verifyRequest } from './recognition.dto.ts';
import { RecognitionService } from './recognition.service.ts';

/** Who is in a picture. */
@ApiTags('recognition')
@Controller()
@Roles('enroller', 'operator')
export class RecognitionController {
  constructor(@Inject(RecognitionService) private readonly recognition: RecognitionService) {}

  /** Whether a picture shows a certain person. */
  @Post('verify')
  @HttpCode(HttpStatus.OK)
  @UseInterceptors(FileInterceptor('photo'))
  @ApiConsumes('multipart/form-data')
  @ApiBody({ schema: verifyBody })
  @ApiOkResponse({ standardSchema: recognitionView })
  verify(
    @Body({ schema: verifyRequest }) body: VerifyRequest,
    @UploadedFile() photo: Express.Multer.File | undefined,
  ): Promise<RecognitionView> {
    return this.recognition.verify(body, photo ? uploadedPicture(photo) : null);
  }

  /** Who a picture shows. */
  @Post('recognize')
  @HttpCode(HttpStatus.OK)
  @UseInterceptors(FileInterceptor('photo'))
  @ApiConsumes('multipart/form-data')
  @ApiBody({ schema: recognizeBody })
  @ApiOkResponse({ standardSchema: recognitionView })
  recognize(@UploadedFile() photo: Express.Multer.File | undefined): Promise<RecognitionView> {
    return this.recognition.recognize(photo ? uploadedPicture(photo) : null);
  }
}
